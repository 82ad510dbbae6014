/** Formats the responses to a client; ends and commits nothing. */

import type { SessionParts } from '../execution/session-parts.ts'
import { restorePlace } from '../execution/sql-prepared-statements.ts'
import { errorResponse, readyForQuery, type TransactionStatus, tagOf } from '../protocol/backend-messages.ts'
import type { SessionError } from '../protocol/pg-error.ts'
import type { Renamed } from '../sql/rename-statements.ts'
import { NotificationQueue } from '../state/listen/notification-queue.ts'
import type { Notification } from '../state/listen/notifications.ts'
import { explainError } from '../transaction/error-hints.ts'
import type { ClientOutput } from '../transport/client-output.ts'

export class ClientResponses {
  /** They answer a simple Query. */
  isSimpleQuery = false
  readonly #output: ClientOutput
  readonly #parts: SessionParts
  readonly #notifications = new NotificationQueue()

  constructor(output: ClientOutput, parts: SessionParts) {
    this.#output = output
    this.#parts = parts
  }

  /** The client has left so many notifications unread that no session may send more. */
  get isBehind(): boolean {
    return this.#notifications.isBehind
  }

  /** A message of the sandbox itself. */
  add(bytes: Buffer): void {
    this.#output.add(bytes)
  }

  /** A CommandComplete of the server's, from one place to another of a chunk. */
  completed(chunk: Buffer, from: number, to: number): void {
    this.#parts.work.completed(tagOf(chunk, from))
    this.complete(chunk, from, to)
  }

  /** A CommandComplete. A server sends that of a Query only once the transaction is committed. */
  complete(chunk: Buffer, from = 0, to = chunk.length): void {
    if (this.isSimpleQuery && this.#parts.work.mayFailToCommit) this.#output.hold(chunk.subarray(from, to))
    else this.#output.add(chunk, from, to)
  }

  /** A notice of the server's. */
  notice(bytes: Buffer): void {
    if (!this.#parts.state.configured(bytes)) this.#output.add(bytes)
  }

  /** An error of the server's. */
  failed(bytes: Buffer, renamed: Renamed | undefined): void {
    const { state, route, work } = this.#parts
    const restored = restorePlace(state.statements.restoreNames(bytes), renamed)
    this.#output.add(route.kind === 'direct' ? restored : explainError(restored, state.transaction.status))
    work.failed()
  }

  /** An error of the sandbox's own. */
  refused({ fields }: SessionError): void {
    this.#output.add(errorResponse(fields))
  }

  /** An error of the commit, in the place of the CommandComplete. */
  notCommitted(error: SessionError): void {
    this.#output.drop()
    this.refused(error)
  }

  /** Takes notifications of the session with this number; `isIdle`: they are sent at once. */
  notify(processId: number, notifications: readonly Notification[], isIdle: boolean): void {
    const { listened } = this.#parts.state.channels
    this.#notifications.add(
      processId,
      notifications.filter(({ channel }) => listened.has(channel)),
    )
    if (isIdle) this.sendNotifications()
  }

  /** Sends the idle client its notifications, unless it does not keep up. */
  sendNotifications(): void {
    if (this.#notifications.length === 0 || this.#output.backpressure.isClosed) return
    this.addNotifications()
    this.#output.flush()
  }

  /** Adds the notifications that wait. */
  addNotifications(): void {
    for (const bytes of this.#notifications.take(this.#parts.state.channels.listened)) this.#output.add(bytes)
  }

  /** ReadyForQuery. */
  ready(status: TransactionStatus): void {
    this.#output.add(readyForQuery(status))
  }
}
