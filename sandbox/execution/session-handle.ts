/** A session, as the parts below it see it. */

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
  /** The client has left so many notifications unread that no session may send more. */
  readonly isBehind: boolean
  /** The session in words, for messages to people. */
  describe(): string
  /** Sends the client the notifications of the session with this number, as soon as it is in no transaction. */
  notify(processId: number, notifications: readonly Notification[]): void
  /** Sends the client the error, unless it has gone already, and ends the session. */
  terminate(error: SessionError): Promise<void>
  /** Ends the session and gives back what it held. */
  end(): Promise<void>
}
