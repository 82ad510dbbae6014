/** What a session has asked of the server and not heard back yet: it keeps answers in order and holds back our own. */

import { Backend, statusOf, type TransactionStatus } from '../protocol/backend-messages.ts'
import { flush, sync } from '../protocol/frontend-messages.ts'
import type { Renamed } from '../sql/rename-statements.ts'
import { Gate } from '../transport/backpressure.ts'
import { Pieces } from '../transport/write-buffer.ts'
import type { Receiver } from './receiver.ts'
import { interrupt } from './reset-connection.ts'
import type { AnswerListener } from './response-listener.ts'
import type { Upstream } from './server-connection.ts'

/** What undoes what a request was thought to do: the server has refused it, or `skipped` it after an error before it. */
type Undo = (skipped: boolean) => void

/** A request of the extended protocol that one message completes; `renamed`: how its text was changed. */
type Expected = { hidden?: boolean; undo?: Undo; renamed?: Renamed | undefined }

const shown: Expected = {}

export class Conversation implements Receiver {
  /** Closed while the server does not keep up with what is sent. */
  readonly gate = new Gate()
  readonly #listener: AnswerListener
  #upstream: Upstream | undefined
  #toServer = new Pieces()
  #expected: Expected[] = []
  #ready: { resolve: (status: TransactionStatus) => void; reject: (reason: unknown) => void } | undefined
  #answered: { resolve: () => void; reject: (reason: unknown) => void } | undefined
  #inExtendedQuery = false
  #syncSent = false
  #copyAsked = false
  #working = false
  #paused = false
  /** In this chunk, ReadyForQuery has come for who waits for it. */
  #readied = false
  /** ReadyForQuery has come. */
  #isOver = false

  constructor(listener: AnswerListener) {
    this.#listener = listener
  }

  /** Something was asked and the answer is not complete. */
  get isWaiting(): boolean {
    return this.#working
  }

  /** Messages of the extended protocol were sent and no Sync has ended them. */
  get inExtendedQuery(): boolean {
    return this.#inExtendedQuery
  }

  /** A Sync was sent before a COPY took its data: the server has ignored it, and another one must come. */
  get syncIgnored(): boolean {
    return this.#syncSent
  }

  /** A COPY from the client was asked for in the extended protocol and is not over: only its data may be sent. */
  get copyAsked(): boolean {
    return this.#copyAsked
  }

  attach(upstream: Upstream): void {
    this.#upstream = upstream
    upstream.receiver = this
  }

  /** Queues messages of which each is answered by one that completes it; `hidden` answers are not for the client. */
  ask(message: Buffer | readonly Buffer[], options: Expected & { answers?: number; copies?: boolean } = shown): void {
    if (Buffer.isBuffer(message)) this.#toServer.add(message)
    else for (const bytes of message) this.#toServer.add(bytes)
    this.#inExtendedQuery = true
    if (options.copies) this.#copyAsked = true
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
      this.#working ||= this.#expected.length > 0
      this.#write(bytes)
    }
  }

  /** Queues bytes that no answer belongs to, such as a piece of a COPY. */
  add(bytes: Buffer): void {
    this.#toServer.add(bytes)
  }

  #write(bytes: Buffer): void {
    if (this.#upstream && !this.#upstream.write(bytes)) this.gate.close()
  }

  /** Takes nothing more from the server until `resume`, or until the answer is nobody's any more. */
  pause(): void {
    this.#upstream?.pause()
    this.#paused = true
  }

  resume(): void {
    if (!this.#paused) return
    this.#paused = false
    this.#upstream?.resume()
  }

  /** A part of a message was passed on, and the rest has not come yet. */
  get isMidMessage(): boolean {
    return this.#working && this.#upstream?.isMidFrame === true
  }

  /** Sends what is queued and `last`, a Query, FunctionCall or Sync, and waits for its ReadyForQuery. */
  untilReady(last: Buffer): Promise<TransactionStatus> {
    this.#toServer.add(last)
    this.#working = true
    this.#syncSent = last === sync
    return new Promise((resolve, reject) => {
      this.#ready = { resolve, reject }
      this.send()
    })
  }

  /** Sends what is queued and waits until every message is answered, or one of them failed. */
  untilAnswered(): Promise<void> {
    if (this.#expected.length === 0) return Promise.resolve()
    this.#toServer.add(flush)
    return new Promise((resolve, reject) => {
      this.#answered = { resolve, reject }
      this.send()
    })
  }

  /** Cancels what runs, but not what guards it. Resolves when nothing later can be hit. */
  async cancel(): Promise<void> {
    if (this.#working) await this.#upstream?.cancels.send(() => this.#working && !this.#isOver)
  }

  /**
   * Stops although an answer is under way: cancels it. A connection that is `shared` is given back: it is ready for the
   * next request then. The messages that are still to come reach nobody.
   */
  async abandon(options: { shared: boolean }): Promise<void> {
    const upstream = this.#upstream
    const isWorking = this.#working
    const isUnderWay = isWorking || this.#inExtendedQuery
    const pending = this.#ready ?? this.#answered
    // Others rely on what is queued, such as the savepoint of the guard.
    if (options.shared) this.send()
    this.#reset()
    pending?.reject(new Error('The session has ended.'))
    if (!upstream || upstream.lost || !isUnderWay) return
    if (options.shared) await interrupt(upstream, isWorking)
    // No Sync, which would commit a series that the client has not ended.
    else if (isWorking) await upstream.cancels.send(() => true)
  }

  /** Passes on a notice that came with a request of the sandbox's own. */
  notice(bytes: Buffer): void {
    this.#listener.noticed(bytes)
  }

  settle(): void {
    // Who has waited for ReadyForQuery says what is left, and all of it in one write.
    if (!this.#readied) this.#listener.settled()
    this.#readied = false
  }

  drained(): void {
    this.gate.open()
    this.#listener.drained()
  }

  lost(reason: Error): void {
    const pending = this.#ready ?? this.#answered
    this.#reset()
    pending?.reject(reason)
  }

  frame(type: number, chunk: Buffer, from = 0, to = chunk.length): void {
    switch (type) {
      case Backend.ReadyForQuery: {
        const status = statusOf(chunk, from)
        this.#isOver = true
        this.#readied = this.#ready !== undefined
        this.#whenNothingIsCancelled(() => {
          const ready = this.#ready
          this.#reset()
          ready?.resolve(status)
        })
        return
      }
      case Backend.ErrorResponse: {
        const renamed = this.#expected[0]?.renamed
        // A message before the Query has failed: the server drops the Query and waits for a Sync.
        if (this.#ready && !this.#syncSent && this.#expected.length > 0) this.#write(sync)
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
        const hidden = this.#expected.shift()?.hidden ?? false
        if (!hidden) {
          if (type === Backend.CommandComplete) this.#listener.completed(chunk, from, to)
          else this.#listener.pass(chunk, from, to)
        }
        if (this.#expected.length === 0) this.#settleAnswered()
        return
      }
      case Backend.DataRow:
        if (!this.#expected[0]?.hidden) this.#listener.pass(chunk, from, to)
        return
      case Backend.NoticeResponse:
        if (!this.#expected[0]?.hidden) this.#listener.told(chunk.subarray(from, to))
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

  #settleAnswered(): void {
    // Until a ReadyForQuery is due, nothing runs once every message has its answer.
    if (!this.#ready) {
      this.#working = false
      this.#listener.rested()
    }
    this.#copyAsked = false
    const answered = this.#answered
    this.#answered = undefined
    if (answered) this.#whenNothingIsCancelled(answered.resolve)
  }

  /** What is written while a cancel request is on its way could be hit by it. */
  #whenNothingIsCancelled(act: () => void): void {
    const cancelling = this.#upstream?.cancels.underWay
    if (cancelling) void cancelling.then(() => this.#whenNothingIsCancelled(act))
    else act()
  }

  #reset(): void {
    this.#ready = undefined
    this.#answered = undefined
    this.#expected = []
    this.#toServer = new Pieces()
    this.#inExtendedQuery = false
    this.#syncSent = false
    this.#copyAsked = false
    this.#working = false
    this.resume()
    this.gate.open()
    this.#isOver = false
  }
}
