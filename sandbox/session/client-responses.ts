/** Formats the responses to a client; it neither ends nor commits a transaction. */

import type { SessionParts } from '../execution/session-parts.ts'
import { restorePlace } from '../execution/sql-prepared-statements.ts'
import {
  errorResponse,
  readErrorFields,
  readyForQuery,
  type TransactionStatus,
  tagOf,
} from '../protocol/backend-messages.ts'
import type { SessionError } from '../protocol/pg-error.ts'
import type { Renamed } from '../sql/rename-statements.ts'
import { NotificationQueue } from '../state/listen/notification-queue.ts'
import type { Notification } from '../state/listen/notifications.ts'
import { explainError } from '../transaction/error-hints.ts'
import { withoutOwnContext } from '../transaction/own-context.ts'
import type { ClientOutput } from '../transport/client-output.ts'

export class ClientResponses {
  /** The current request is a simple Query. */
  isSimpleQuery = false
  readonly #output: ClientOutput
  readonly #parts: SessionParts
  readonly #notifications = new NotificationQueue()

  constructor(output: ClientOutput, parts: SessionParts) {
    this.#output = output
    this.#parts = parts
  }

  /** The queue of the client's unread notifications is full, so no session may send more. */
  get isBehind(): boolean {
    return this.#notifications.isBehind
  }

  /** Adds a message of the sandbox itself. */
  add(bytes: Buffer): void {
    this.#output.add(bytes)
  }

  /** Relays a CommandComplete of the server, in the range `from` to `to` of the chunk. */
  completed(chunk: Buffer, from: number, to: number): void {
    this.#parts.work.completed(tagOf(chunk, from))
    this.complete(chunk, from, to)
  }

  /**
   * Adds a CommandComplete. For a Query, a server sends it only after the commit, so it is held back where that may
   * fail.
   */
  complete(chunk: Buffer, from = 0, to = chunk.length): void {
    const { session, context } = this.#parts
    if (context.observer) context.observer.completed?.(session, tagOf(chunk, from))
    if (this.isSimpleQuery && this.#parts.work.mayFailToCommit) this.#output.hold(chunk.subarray(from, to))
    else this.#output.add(chunk, from, to)
  }

  /** Relays a NoticeResponse of the server. */
  notice(bytes: Buffer): void {
    if (!this.#parts.state.configured(bytes)) this.#output.add(bytes)
  }

  /** Relays an ErrorResponse of the server. */
  failed(bytes: Buffer, renamed: Renamed | undefined): void {
    const { session, context, state, route, work } = this.#parts
    const error = withoutOwnContext(restorePlace(state.statements.restoreNames(bytes), renamed))
    if (context.observer) context.observer.failed?.(session, readErrorFields(error))
    if (route.kind === 'direct') this.#report(error)
    else {
      const script = this.isSimpleQuery ? context.scripts(session.lastStatement, state.lexicalOptions) : undefined
      const hasSavepoints = state.pendingSettings.isNested
      const { hasAlteredType } = state
      const { status } = state.transaction
      const another = state.serverVersion < 18 ? 'another in a pipeline' : 'another'
      const follows = !this.isSimpleQuery && work.hasCompleted ? another : 'nothing'
      this.#report(explainError(error, { status, hasSavepoints, hasAlteredType, commands: script?.commands, follows }))
    }
    work.failed()
  }

  /** Adds an error of the sandbox. */
  refused({ fields }: SessionError): void {
    this.#parts.context.observer?.failed?.(this.#parts.session, fields)
    this.#report(errorResponse(fields))
  }

  /** Adds an ErrorResponse, which ends a session with exit_on_error, or whose own connection the server ends by it. */
  #report(error: Buffer): void {
    const { session, state, route } = this.#parts
    const isOfServer = route.kind === 'direct'
    const isLast = isOfServer ? readErrorFields(error).severity === 'FATAL' : state.isInExitingBlock
    if (!isLast && !state.exitsOnError) {
      this.#output.add(error)
      return
    }
    // Both the localized severity and the one that is not.
    this.#output.add(errorResponse(Object.assign(readErrorFields(error), { severity: 'FATAL', V: 'FATAL' })))
    // After the rest of what the server has sent, but before ReadyForQuery.
    queueMicrotask(() => {
      this.#output.flush()
      void session.end()
    })
  }

  /** Drops the held CommandComplete, since the commit has failed. */
  withdraw(): void {
    this.#output.drop()
  }

  /** Queues notifications of the session with this id; `isIdle`: sends them at once. */
  notify(processId: number, notifications: readonly Notification[], isIdle: boolean): void {
    const { listened } = this.#parts.state.channels
    this.#notifications.add(
      processId,
      notifications.filter(({ channel }) => listened.has(channel)),
    )
    if (isIdle) this.sendNotifications()
  }

  /** Sends an idle client its queued notifications, unless it does not keep up. */
  sendNotifications(): void {
    if (this.#notifications.length === 0 || this.#output.backpressure.isClosed) return
    this.addNotifications()
    this.#output.flush()
  }

  /** Adds the queued notifications to the output. */
  addNotifications(): void {
    for (const bytes of this.#notifications.take(this.#parts.state.channels.listened)) this.#output.add(bytes)
  }

  /** Adds ReadyForQuery. */
  ready(status: TransactionStatus): void {
    this.#output.add(readyForQuery(status))
  }
}
