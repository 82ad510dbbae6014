/** A session's client, as those see it that serve it. */

import type { SessionError } from '../protocol/pg-error.ts'
import type { Notification } from '../state/listen/notifications.ts'

export interface SessionHandle {
  /** The session's number. */
  readonly id: number
  /** What the client calls itself, or its pool is called. */
  readonly name: string
  /** The last statement that the client sent, as it stood there. */
  lastStatement: string
  /** The client has gone, or was sent away. */
  readonly hasEnded: boolean
  /** The client has not taken what it was notified of for so long that nobody may notify anything more. */
  readonly isBehind: boolean
  /** The session in words, for messages to people. */
  describe(): string
  /** Tells the client what the session with this number has notified, as soon as it is in no transaction. */
  notify(processId: number, notifications: readonly Notification[]): void
  /** Tells the client why, unless it has gone already, and ends the session. */
  terminate(error: SessionError): Promise<void>
  /** Ends the session and gives back what it held. */
  end(): Promise<void>
}
