/** The interface of a session for the layers below it. */

import type { SessionError } from '../protocol/pg-error.ts'
import type { Notification } from '../state/listen/notifications.ts'

export interface SessionHandle {
  /** The session's number. */
  readonly id: number
  /** The client's application_name, or the name of its pool. */
  readonly name: string
  /** The last statement that the client sent, unchanged. */
  lastStatement: string
  /**
   * What has caused each request of the client up to ReadyForQuery, from the one that runs on; undefined if its process is
   * another one.
   */
  readonly causes: unknown[] | undefined
  /** The client has disconnected or was terminated. */
  readonly hasEnded: boolean
  /** The queue of the client's unread notifications is full, so no session may send more. */
  readonly isBehind: boolean
  /** Describes the session for error messages. */
  describe(): string
  /** Sends the client the notifications of the session with this id, once it is outside a transaction. */
  notify(processId: number, notifications: readonly Notification[]): void
  /** Sends the client the error, unless it has disconnected, and ends the session. */
  terminate(error: SessionError): Promise<void>
  /** Ends the session and releases its resources. */
  end(): Promise<void>
}
