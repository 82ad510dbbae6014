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
  /** Nothing was asked since the last ReadyForQuery. */
  | 'idle'
  /** Messages of the extended protocol are queued, or answered; no Sync has ended them. */
  | 'batching'
  /** They were sent without a Sync, and their answers are due. */
  | 'answering'
  /** A Query or FunctionCall was sent, and ReadyForQuery is due. */
  | 'querying'
  /** A Sync was sent, and ReadyForQuery is due. */
  | 'syncing'
  /** ReadyForQuery has come. What is written next could be hit by a cancel request that is still on its way. */
  | 'ready'

/** Takes the answers of the server. */
export interface ResponseListener {
  /** A piece of the answer that the client should see, from `from` to `to` in the chunk. It is valid only until `settled`. */
  pass(chunk: Buffer, from: number, to: number): void
  /** All frames of a chunk have been passed. */
  settled(): void
  /** The server takes more. */
  drained(): void
  /** A CommandComplete, which the client should see as well. */
  completed(chunk: Buffer, from: number, to: number): void
  /** A notice of the server's. */
  notice(bytes: Buffer): void
  /** A notice that comes with the commit of what was completed. */
  noticeAhead(bytes: Buffer): void
  /** An ErrorResponse, which the client should see as well; `renamed`: how the text was changed that it is about. */
  failed(bytes: Buffer, renamed: Renamed | undefined): void
  copyInStarted(): void
  /** A ParameterStatus. */
  reported(bytes: Buffer): void
  /** Nothing is under way any more, though no ReadyForQuery has come. */
  idle(): void
}

/** What undoes what a request was thought to do: the server has refused it, or `skipped` it after an error before it. */
type Undo = (skipped: boolean) => void

/** A request of the extended protocol that one message completes; `copies`: a COPY from the client; `renamed`: how its text was changed. */
type Expected = { hidden?: boolean; copies?: boolean; undo?: Undo; renamed?: Renamed | undefined }

const shown: Expected = {}

export class RequestPipeline implements Receiver {
  /** Closed while the server does not keep up with what is sent. */
  readonly backpressure = new Backpressure()
  readonly #listener: ResponseListener
  #state: State = 'idle'
  #upstream: ServerConnection | undefined
  #toServer = new WriteBuffer()
  #expected: Expected[] = []
  /** What waits for the answers to what was sent, or for ReadyForQuery. */
  #waiter: { resolve: (status: TransactionStatus) => void; reject: (reason: unknown) => void } | undefined
  /** How the text of the Query was changed that is under way. */
  #renamed: Renamed | undefined
  /** That of the last ReadyForQuery. */
  #status: TransactionStatus = 'I'
  /** Nothing is read from the server, in whatever state. */
  #isPaused = false

  constructor(listener: ResponseListener) {
    this.#listener = listener
  }

  /** Something was sent and the answer is not complete. */
  get isWaiting(): boolean {
    return this.#state !== 'idle' && this.#state !== 'batching'
  }

  /** Messages of the extended protocol were sent and no Sync has ended them. */
  get inExtendedQuery(): boolean {
    return this.#state === 'batching' || this.#state === 'answering'
  }

  /** A Sync was sent before a COPY took its data: the server has ignored it, and another one must come. */
  get syncIgnored(): boolean {
    return this.#state === 'syncing'
  }

  /** A COPY from the client was asked for in the extended protocol and is not over: only its data may be sent. */
  get copyAsked(): boolean {
    return this.#expected.at(-1)?.copies === true
  }

  attach(upstream: ServerConnection): void {
    this.#upstream = upstream
    upstream.receiver = this
  }

  /** Queues messages of which each is answered by one that completes it; `hidden` answers are not for the client. */
  ask(message: Buffer | readonly Buffer[], options: Expected & { answers?: number } = shown): void {
    if (Buffer.isBuffer(message)) this.#toServer.add(message)
    else for (const bytes of message) this.#toServer.add(bytes)
    if (this.#state === 'idle') this.#state = 'batching'
    for (let i = options.answers ?? 1; i > 0; i--) this.#expected.push(options)
  }

  /** Sends what is queued and asks for the answers without waiting for them. */
  flush(): void {
    this.#toServer.add(flush)
    this.send()
  }

  /** Writes what is queued. */
  send(): void {
    for (const bytes of this.#toServer.take()) {
      if (this.#state === 'batching' && this.#expected.length > 0) this.#state = 'answering'
      this.#write(bytes)
    }
  }

  /** Queues bytes that no answer belongs to, such as a piece of a COPY. */
  add(bytes: Buffer): void {
    this.#toServer.add(bytes)
  }

  #write(bytes: Buffer): void {
    if (this.#upstream && !this.#upstream.write(bytes)) this.backpressure.close()
  }

  /** Takes nothing more from the server until `resume`, or until the request is abandoned. */
  pause(): void {
    this.#upstream?.pause()
    this.#isPaused = true
  }

  resume(): void {
    if (!this.#isPaused) return
    this.#isPaused = false
    this.#upstream?.resume()
  }

  /** A part of a message was passed on, and the rest has not come yet. */
  get isMidMessage(): boolean {
    return this.isWaiting && this.#upstream?.isMidFrame === true
  }

  /**
   * Sends what is queued and `last`, a Query, FunctionCall or Sync, and waits for its ReadyForQuery. `renamed`: how the text
   * of a Query was changed.
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

  /** Sends what is queued and waits until every message is answered, or one of them failed. */
  untilAnswered(): Promise<void> {
    if (this.#expected.length === 0) return Promise.resolve()
    this.#toServer.add(flush)
    return new Promise((resolve, reject) => {
      this.#waiter = { resolve: () => resolve(), reject }
      this.send()
    })
  }

  /** Cancels what runs, but not what guards it. Resolves when nothing later can be hit. */
  async cancel(): Promise<void> {
    if (this.isWaiting) await this.#upstream?.cancels.send(() => this.isWaiting && this.#state !== 'ready')
  }

  /**
   * Stops although an answer is under way: cancels it. A connection that is `shared` is given back: it is ready for the
   * next request then. The messages that are still to come are dropped.
   */
  async abandon(options: { shared: boolean }): Promise<void> {
    const upstream = this.#upstream
    const isWorking = this.isWaiting
    const isUnderWay = this.#state !== 'idle'
    const waiter = this.#waiter
    // Others rely on what is queued, such as the savepoint of the guard.
    if (options.shared) this.send()
    this.#reset()
    waiter?.reject(new Error('The session has ended.'))
    if (!upstream || upstream.lost || !isUnderWay) return
    if (options.shared) await interrupt(upstream, isWorking)
    // No Sync, which would commit a batch that the client has not ended.
    else if (isWorking) await upstream.cancels.send(() => true)
  }

  /** Passes on a notice that came with an internal request. */
  notice(bytes: Buffer): void {
    this.#listener.noticeAhead(bytes)
  }

  settle(): void {
    if (this.#state === 'ready') this.#whenNothingIsCancelled(this.#finish)
    // What waits for ReadyForQuery adds to the answer, and all of that is one write.
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
        // A message before the Query has failed: the server drops the Query and waits for a Sync.
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
      case Backend.ParameterStatus:
        this.#listener.reported(chunk.subarray(from, to))
        return
      default:
        this.#listener.pass(chunk, from, to)
    }
  }

  /** Everything that was sent is answered, or one of the messages has failed. Until a ReadyForQuery is due, nothing runs now. */
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

  /** What is written while a cancel request is on its way could be hit by it. */
  #whenNothingIsCancelled(act: () => void): void {
    const cancelling = this.#upstream?.cancels.underWay
    if (cancelling) void cancelling.then(() => this.#whenNothingIsCancelled(act))
    else act()
  }

  #reset(): void {
    this.#state = 'idle'
    this.#waiter = undefined
    this.#renamed = undefined
    this.#expected = []
    this.#toServer = new WriteBuffer()
    if (this.#isPaused) this.resume()
    if (this.backpressure.isClosed) this.backpressure.open()
  }
}
