/** Formats what a client is answered. */

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
  /** They are to the text of a simple Query. */
  isSimpleQuery = false
  readonly #output: ClientOutput
  readonly #parts: SessionParts
  readonly #heard = new NotificationQueue()

  constructor(output: ClientOutput, parts: SessionParts) {
    this.#output = output
    this.#parts = parts
  }

  /** The client has not taken what it was notified of for so long that nobody may notify anything more. */
  get isBehind(): boolean {
    return this.#heard.isBehind
  }

  /** What the sandbox itself has to say. */
  add(bytes: Buffer): void {
    this.#output.add(bytes)
  }

  /** A CommandComplete of the server's, from one place to another of a chunk. */
  completed(chunk: Buffer, from: number, to: number): void {
    this.#parts.work.completed(tagOf(chunk, from))
    this.complete(chunk, from, to)
  }

  /** A CommandComplete. Of a Query, a server tells it only once the transaction is committed. */
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

  /** An error of the commit, in the place of what was said to be complete. */
  notCommitted(error: SessionError): void {
    this.#output.drop()
    this.refused(error)
  }

  /** The session with this number has notified them; `isIdle`: the client is told at once. */
  notify(processId: number, notifications: readonly Notification[], isIdle: boolean): void {
    const { listened } = this.#parts.state.channels
    this.#heard.add(
      processId,
      notifications.filter(({ channel }) => listened.has(channel)),
    )
    if (isIdle) this.sendNotifications()
  }

  /** Tells the idle client what was notified, unless it takes nothing at present. */
  sendNotifications(): void {
    if (this.#heard.length === 0 || this.#output.backpressure.isClosed) return
    this.addNotifications()
    this.#output.flush()
  }

  /** Adds what was notified to what the client is answered. */
  addNotifications(): void {
    for (const bytes of this.#heard.take(this.#parts.state.channels.listened)) this.#output.add(bytes)
  }

  /** All of a request was answered. */
  ready(status: TransactionStatus): void {
    this.#output.add(readyForQuery(status))
  }
}
