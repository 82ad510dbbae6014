/** The parts of the sandbox that its sessions use. */

import type { CancelKey } from '../protocol/frontend-messages.ts'
import type { SessionError } from '../protocol/pg-error.ts'
import type { ServerConnection } from '../server/server-connection.ts'
import type { SyntaxCheck } from '../server/syntax-check.ts'
import type { ScriptCache } from '../sql/script.ts'
import type { Admission } from '../startup/admission.ts'
import type { Notification } from '../state/listen/notifications.ts'
import type { ConnectionLock } from '../transaction/connection-lock.ts'
import type { SharedTransaction } from '../transaction/shared-transaction.ts'
import type { SessionHandle } from './session-handle.ts'
import type { StatementObserver } from './statement-observer.ts'

/**
 * closed: between tests, statements are refused. transaction: all sessions share one transaction.
 * direct: each session has a dedicated connection to `url`, and commits are real.
 */
export type Mode = 'closed' | 'transaction' | 'direct'

export interface SessionContext {
  readonly mode: Mode
  /** The database that `direct` sessions are connected to. */
  readonly url: string
  readonly lock: ConnectionLock<SessionHandle>
  readonly scripts: ScriptCache
  readonly syntax: SyntaxCheck
  transaction: SharedTransaction
  readonly admission: Admission
  /** The sessions that listen for notifications, or will after their commit. */
  readonly listeners: Set<SessionHandle>
  /** Delivers a session's notifications to the listening sessions. */
  deliver(from: SessionHandle, notifications: readonly Notification[]): void
  connectDirect(): Promise<ServerConnection>
  /** Connects to the sandbox's own database for a session's advisory locks. */
  connectAdvisoryLock(): Promise<ServerConnection>
  /**
   * Cancels the statement of the session with this key, if any. Resolves when the request cannot hit a later statement.
   */
  cancel(key: CancelKey): Promise<void>
  observer: StatementObserver | undefined
  /** For a statement while no test is open. */
  closedError(): SessionError
  /** For the session whose statement ended the shared transaction. */
  escaped(session: SessionHandle): SessionError
  /** For a session after the connection to the server was lost. */
  lost(reason: Error): SessionError
  left(session: SessionHandle): void
  /** Called when a session becomes idle; set only while a caller waits for that. */
  onIdle: (() => void) | undefined
}
