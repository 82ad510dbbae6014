/** The settings and rights that a session starts with, and returns to by RESET and DISCARD ALL. */
import type { StartSettings } from './settings/settings.ts'

export type SessionDefaults = {
  /** The session user. */
  readonly user: string
  /** Whether a server would accept SET SESSION AUTHORIZATION to any role. */
  readonly mayBecomeAnyRole: boolean
  /** The parameters that differ from those of the sandbox's own login. */
  readonly settings: StartSettings
  /** The parameters that are reported to the client at startup (ParameterStatus). */
  readonly parameters: ReadonlyMap<string, string>
}
