/**
 * Tracks what a session has asked of the server and which answers are due, so that those of the server and those of the
 * sandbox reach the client in order.
 *
 *           ask                send
 *   idle ────────► batching ────────► answering
 *    │                │  ▲                │ │
 *    │                │  └────────────────┘ │   the last answer, or an error
 *    │                └──────────┬──────────┘
 *    ├───────────────────────────┤
 *    │ Query, FunctionCall       │ Sync
 *    ▼                           ▼
 *  querying                   syncing
 *    └─────────────┬─────────────┘
 *                  │ ReadyForQuery
 *                  ▼
 *                ready ────► idle, once no cancel request is under way
 *
 * A session that has ended, or a connection that is lost, leads from each state to `idle`.
 */

import { Backend, statusOf, type TransactionStatus } from '../protocol/backend-messages.ts'
import { flush, sync } from '../protocol/frontend-messages.ts'
import type { Renamed } from '../sql/rename-statements.ts'
import { Backpressure } from '../transport/backpressure.ts'
import { WriteBuffer } from '../transport/write-buffer.ts'
import type { Receiver } from './receiver.ts'
import { interrupt } from './reset-connection.ts'
import type { ServerConnection } from './server-connection.ts'

type State =
  /** No request since the last ReadyForQuery. */
  | 'idle'
  /** Messages of the extended query protocol are queued or answered, without a Sync yet. */
  | 'batching'
  /** Messages were sent without a Sync, and responses are pending. */
  | 'answering'
  /** A Query or FunctionCall was sent, and ReadyForQuery is pending. */
  | 'querying'
  /** A Sync was sent, and ReadyForQuery is pending. */
  | 'syncing'
  /** ReadyForQuery was received. A pending cancel request could still hit the next message. */
  | 'ready'

/** Receives the server's responses. */
export interface ResponseListener {
  /** A part of the response for the client, in the range `from` to `to` of the chunk, valid only until `settled`. */
  pass(chunk: Buffer, from: number, to: number): void
  /** All frames of a chunk were delivered. */
  settled(): void
  /** The server accepts data again. */
  drained(): void
  /** A CommandComplete, to be relayed to the client. */
  completed(chunk: Buffer, from: number, to: number): void
  /** An Execute has ended without a CommandComplete. */
  suspended(): void
  parametersDescribed(bytes: Buffer): void
  /** A NoticeResponse of the server. */
  notice(bytes: Buffer): void
  /** A notice from an internal request at commit; it precedes the CommandComplete that is held back. */
  noticeAhead(bytes: Buffer): void
  /** An ErrorResponse, to be relayed to the client; `renamed`: the change made to the text that failed. */
  failed(bytes: Buffer, renamed: Renamed | undefined): void
  copyInStarted(): void
  /** A ParameterStatus. */
  reported(bytes: Buffer): void
  /** No response is pending any more, though no ReadyForQuery was received. */
  idle(): void
}

/** Reverts the bookkeeping of a request that the server refused, or `skipped` after an earlier error. */
type Undo = (skipped: boolean) => void

/**
 * An expected response in the extended query protocol; `copies`: of a COPY FROM STDIN; `renamed`: the change made to
 * the text.
 */
type Expected = { hidden?: boolean; copies?: boolean; undo?: Undo; renamed?: Renamed | undefined }

const shown: Expected = {}

export class RequestPipeline implements Receiver {
  /** Closed while the server does not keep up. */
  readonly backpressure = new Backpressure()
  readonly #listener: ResponseListener
  #state: State = 'idle'
  #upstream: ServerConnection | undefined
  #toServer = new WriteBuffer()
  #expected: Expected[] = []
  /** Waits for the pending responses, or for ReadyForQuery. */
  #waiter: { resolve: (status: TransactionStatus) => void; reject: (reason: unknown) => void } | undefined
  /** The change made to the text of the current Query. */
  #renamed: Renamed | undefined
  /** The transaction status of the last ReadyForQuery. */
  #status: TransactionStatus = 'I'
  /** Reading from the server is paused, in any state. */
  #isPaused = false

  constructor(listener: ResponseListener) {
    this.#listener = listener
  }

  /** A request was sent and its response is incomplete. */
  get isWaiting(): boolean {
    return this.#state !== 'idle' && this.#state !== 'batching'
  }

  /** Messages of the extended query protocol were sent without a Sync yet. */
  get inExtendedQuery(): boolean {
    return this.#state === 'batching' || this.#state === 'answering'
  }

  /** A Sync was sent before the data of a COPY: the server ignored it, and another one is needed. */
  get syncIgnored(): boolean {
    return this.#state === 'syncing'
  }

  /** A COPY FROM STDIN of the extended query protocol has not ended: only its data may be sent. */
  get copyAsked(): boolean {
    return this.#expected.at(-1)?.copies === true
  }

  attach(upstream: ServerConnection): void {
    this.#upstream = upstream
    upstream.receiver = this
  }

  /** Queues messages, each completed by one response; `hidden` responses are not relayed to the client. */
  ask(message: Buffer | readonly Buffer[], options: Expected & { answers?: number } = shown): void {
    if (Buffer.isBuffer(message)) this.#toServer.add(message)
    else for (const bytes of message) this.#toServer.add(bytes)
    if (this.#state === 'idle') this.#state = 'batching'
    for (let i = options.answers ?? 1; i > 0; i--) this.#expected.push(options)
  }

  /** Sends the queued messages and a Flush, without waiting for the responses. */
  flush(): void {
    this.#toServer.add(flush)
    this.send()
  }

  /** Writes the queued messages. */
  send(): void {
    for (const bytes of this.#toServer.take()) {
      if (this.#state === 'batching' && this.#expected.length > 0) this.#state = 'answering'
      this.#write(bytes)
    }
  }

  /** Queues bytes that get no response, such as CopyData. */
  add(bytes: Buffer): void {
    this.#toServer.add(bytes)
  }

  #write(bytes: Buffer): void {
    if (this.#upstream && !this.#upstream.write(bytes)) this.backpressure.close()
  }

  /** Stops reading from the server until `resume` or until the request is abandoned. */
  pause(): void {
    this.#upstream?.pause()
    this.#isPaused = true
  }

  resume(): void {
    if (!this.#isPaused) return
    this.#isPaused = false
    this.#upstream?.resume()
  }

  /** A part of a message was relayed, and the rest has not arrived yet. */
  get isMidMessage(): boolean {
    return this.isWaiting && this.#upstream?.isMidFrame === true
  }

  /**
   * Sends the queued messages and `last`, a Query, FunctionCall or Sync, and waits for its ReadyForQuery. `renamed`:
   * the change made to the text of a Query.
   */
  untilReady(last: Buffer, renamed?: Renamed): Promise<TransactionStatus> {
    this.#toServer.add(last)
    this.#state = last === sync ? 'syncing' : 'querying'
    this.#renamed = renamed
    return new Promise((resolve, reject) => {
      this.#waiter = { resolve, reject }
      this.send()
    })
  }

  /** Sends the queued messages and waits until all are answered or one has failed. */
  untilAnswered(): Promise<void> {
    if (this.#expected.length === 0) return Promise.resolve()
    this.#toServer.add(flush)
    return new Promise((resolve, reject) => {
      this.#waiter = { resolve: () => resolve(), reject }
      this.send()
    })
  }

  /** Cancels the running statement, but not its guard. Resolves when the request cannot hit a later statement. */
  async cancel(): Promise<void> {
    if (this.isWaiting) await this.#upstream?.cancels.send(() => this.isWaiting && this.#state !== 'ready')
  }

  /**
   * Abandons the current request and cancels it; later messages of its response are dropped. Leaves a `shared`
   * connection ready for the next request.
   */
  async abandon(options: { shared: boolean }): Promise<void> {
    const upstream = this.#upstream
    const isWorking = this.isWaiting
    const isUnderWay = this.#state !== 'idle'
    const waiter = this.#waiter
    // The queued messages matter to others too, such as the savepoint of the guard.
    if (options.shared) this.send()
    this.#reset()
    waiter?.reject(new Error('The session has ended.'))
    if (!upstream || upstream.lost || !isUnderWay) return
    if (options.shared) await interrupt(upstream, isWorking)
    // Without a Sync, which would commit a batch that the client has not ended.
    else if (isWorking) await upstream.cancels.send(() => true)
  }

  /** Relays a notice of an internal request. */
  notice(bytes: Buffer): void {
    this.#listener.noticeAhead(bytes)
  }

  settle(): void {
    if (this.#state === 'ready') this.#whenNothingIsCancelled(this.#finish)
    // At ReadyForQuery, the waiter adds to the response and sends all in one write.
    else this.#listener.settled()
  }

  drained(): void {
    this.backpressure.open()
    this.#listener.drained()
  }

  lost(reason: Error): void {
    const waiter = this.#waiter
    this.#reset()
    waiter?.reject(reason)
  }

  frame(type: number, chunk: Buffer, from = 0, to = chunk.length): void {
    switch (type) {
      case Backend.ReadyForQuery:
        this.#state = 'ready'
        this.#status = statusOf(chunk, from)
        return
      case Backend.ErrorResponse: {
        const renamed = this.#expected[0]?.renamed ?? this.#renamed
        // A message before the Query failed: the server discards the Query and waits for a Sync.
        if (this.#state === 'querying' && this.#expected.length > 0) this.#write(sync)
        for (let i = this.#expected.length - 1; i >= 0; i--) this.#expected[i]?.undo?.(i > 0)
        this.#expected = []
        this.#listener.failed(chunk.subarray(from, to), renamed)
        this.#settleAnswered()
        return
      }
      case Backend.CommandComplete:
      case Backend.ParseComplete:
      case Backend.BindComplete:
      case Backend.CloseComplete:
      case Backend.NoData:
      case Backend.RowDescription:
      case Backend.PortalSuspended:
      case Backend.EmptyQueryResponse: {
        const expected = this.#expected.shift()
        if (!expected?.hidden) {
          if (type === Backend.CommandComplete) this.#listener.completed(chunk, from, to)
          else this.#listener.pass(chunk, from, to)
          if (type === Backend.PortalSuspended || type === Backend.EmptyQueryResponse) this.#listener.suspended()
        }
        if (expected && this.#expected.length === 0) this.#settleAnswered()
        return
      }
      case Backend.DataRow:
        if (!this.#expected[0]?.hidden) this.#listener.pass(chunk, from, to)
        return
      case Backend.NoticeResponse:
        if (!this.#expected[0]?.hidden) this.#listener.notice(chunk.subarray(from, to))
        return
      case Backend.CopyInResponse:
        this.#listener.copyInStarted()
        this.#listener.pass(chunk, from, to)
        return
      case Backend.ParameterDescription:
        this.#listener.parametersDescribed(chunk.subarray(from, to))
        this.#listener.pass(chunk, from, to)
        return
      case Backend.ParameterStatus:
        this.#listener.reported(chunk.subarray(from, to))
        return
      default:
        this.#listener.pass(chunk, from, to)
    }
  }

  /** All sent messages are answered, or one has failed. Nothing runs then, unless a ReadyForQuery is pending. */
  #settleAnswered(): void {
    if (this.#state === 'querying' || this.#state === 'syncing') return
    if (this.#state === 'answering') this.#state = 'batching'
    this.#listener.idle()
    const waiter = this.#waiter
    this.#waiter = undefined
    if (waiter) this.#whenNothingIsCancelled(() => waiter.resolve(this.#status))
  }

  readonly #finish = (): void => {
    if (this.#state !== 'ready') return
    const waiter = this.#waiter
    this.#reset()
    waiter?.resolve(this.#status)
  }

  /** Waits until no cancel request is pending, since it could hit what is sent next. */
  #whenNothingIsCancelled(act: () => void): void {
    const cancelling = this.#upstream?.cancels.underWay
    if (cancelling) void cancelling.then(() => this.#whenNothingIsCancelled(act))
    else act()
  }

  #reset(): void {
    this.#state = 'idle'
    this.#waiter = undefined
    this.#renamed = undefined
    if (this.#expected.length > 0) this.#expected = []
    if (!this.#toServer.isEmpty) this.#toServer = new WriteBuffer()
    if (this.#isPaused) this.resume()
    if (this.backpressure.isClosed) this.backpressure.open()
  }
}
