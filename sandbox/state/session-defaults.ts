/** What a session begins with, and returns to by RESET and DISCARD ALL. */
import type { StartSettings } from './settings/settings.ts'

export type SessionDefaults = {
  /** Who it is to the server. */
  readonly user: string
  /** A server would let it SET SESSION AUTHORIZATION to whomever it likes, if it lets the sandbox. */
  readonly mayBecomeAnyRole: boolean
  /** What holds for it and not for the connection as the sandbox has logged in. */
  readonly settings: StartSettings
  /** What the client is told of the server and its settings. */
  readonly parameters: ReadonlyMap<string, string>
}
