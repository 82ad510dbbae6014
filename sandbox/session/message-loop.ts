/** Runs a client's messages one by one, in order. */

import { setImmediate as immediate } from 'node:timers/promises'
import { sessionEnded } from '../execution/internal-requests.ts'
import type { SessionContext } from '../execution/session-context.ts'
import type { SessionHandle } from '../execution/session-handle.ts'
import { type SessionParts, sessionParts } from '../execution/session-parts.ts'
import { Interceptor } from '../intercept/interceptor.ts'
import { type ClientFrame, Frontend, flush } from '../protocol/frontend-messages.ts'
import { SessionError } from '../protocol/pg-error.ts'
import { RequestPipeline } from '../server/request-pipeline.ts'
import type { Run } from '../sql/run-sql.ts'
import type { Notification } from '../state/listen/notifications.ts'
import type { SessionDefaults } from '../state/session-defaults.ts'
import { SessionTimeouts } from '../state/session-timeouts.ts'
import type { ClientInput } from '../transport/client-input.ts'
import type { ClientOutput } from '../transport/client-output.ts'
import { ClientResponses } from './client-responses.ts'
import { CopyIn, isCopyFrame } from './copy-in.ts'
import { ExtendedQuery } from './extended-query.ts'
import { batched, MessageBatch } from './message-batch.ts'
import { QueryCycle } from './query-cycle.ts'

/** How long messages without a Sync wait for more, in milliseconds. */
const longestPause = 20

export class MessageLoop {
  readonly parts: SessionParts
  readonly responses: ClientResponses
  readonly cycle: QueryCycle
  /** A message is running or waiting. */
  isRunning = false
  readonly #session: SessionHandle
  readonly #context: SessionContext
  readonly #input: ClientInput
  readonly #output: ClientOutput
  readonly #pipeline: RequestPipeline
  readonly #extended: ExtendedQuery
  readonly #copy: CopyIn
  readonly #timeouts: SessionTimeouts
  readonly #batch = new MessageBatch()
  /** Runs while messages without a Sync wait for more. */
  #pause: NodeJS.Timeout | undefined

  constructor(session: SessionHandle, context: SessionContext, input: ClientInput, output: ClientOutput) {
    this.#session = session
    this.#context = context
    this.#input = input
    this.#output = output
    this.#pipeline = new RequestPipeline({
      pass: (chunk, from, to) => output.add(chunk, from, to),
      settled: () => {
        output.flush()
        if (output.backpressure.isClosed) this.#waitForClient()
      },
      drained: () => this.go(),
      completed: (chunk, from, to) => this.responses.completed(chunk, from, to),
      suspended: () => context.observer?.completed?.(session, ''),
      parametersDescribed: bytes => this.#extended.parametersDescribed(bytes),
      notice: bytes => this.responses.notice(bytes),
      noticeAhead: bytes => output.addAhead(bytes),
      failed: (bytes, renamed) => {
        this.responses.failed(bytes, renamed)
        this.#extended.failed()
        if (!this.#copy.isUnderWay) return
        this.#copy.failed()
        if (this.#copy.isUnderWay) this.parts.route.markIdle()
      },
      idle: () => this.parts.route.markIdle(),
      reported: bytes => this.parts.state.reported(bytes),
      copyInStarted: () => {
        this.#copy.started()
        this.#forwardCopy()
      },
    })
    this.#copy = new CopyIn(this.#pipeline)
    this.parts = sessionParts(session, context, this.#pipeline)
    const interceptor = new Interceptor(this.parts)
    this.responses = new ClientResponses(output, this.parts)
    this.#timeouts = new SessionTimeouts(this.parts.state, error => void session.terminate(error))
    this.#extended = new ExtendedQuery(this.parts, interceptor, bytes => output.add(bytes))
    this.cycle = new QueryCycle({
      ...this.parts,
      ...{
        interceptor,
        extended: this.#extended,
        copy: this.#copy,
        responses: this.responses,
        timeouts: this.#timeouts,
      },
    })
  }

  /** The session has an open transaction, waits for the connection lock or a response, or has an incomplete batch. */
  get isActive(): boolean {
    const { state, route } = this.parts
    if (state.transaction.status !== 'I' || route.holdsLock || this.#context.lock.isWaiting(this.#session)) return true
    return this.isRunning || this.#pipeline.isWaiting || this.#batch.length > 0
  }

  /**
   * Runs queries of the sandbox in the shared transaction, in the session's open transaction if it has one, and undoes them;
   * messages of the client wait meanwhile. Throws if the client is in the middle of a request.
   */
  async ask<T>(ask: (run: Run) => Promise<T>): Promise<T> {
    if (this.isRunning || this.#pipeline.isWaiting || !this.#isFirst() || this.#copy.isUnderWay) {
      throw new Error(`A client is in the middle of a request: ${this.#session.describe()}`)
    }
    this.isRunning = true
    // After the session's end, the connection belongs to the next one.
    const asking = (run: Run) => ask(sql => (this.#session.hasEnded ? Promise.reject(sessionEnded()) : run(sql)))
    try {
      if (this.parts.route.isGuarded) return await this.cycle.askInside(asking)
      const answer = await this.cycle.askInTransaction(async run => ({ value: await asking(run) }))
      if (!answer) throw this.#context.closedError()
      return answer.value
    } finally {
      this.isRunning = false
      this.#context.onIdle?.()
      if (!this.#session.hasEnded) this.go()
    }
  }

  /** Undoes the session's transaction on the server if it has failed, as its end will; for the client it stays failed. */
  undoFailed(): boolean {
    const { state, route } = this.parts
    if (state.transaction.status !== 'E' || !route.isGuarded || this.isRunning || !this.#isFirst()) return false
    this.#context.transaction.closeGuard('rollback')
    route.leave()
    return true
  }

  /** Starts the session after its startup phase. */
  begin(start: SessionDefaults): void {
    this.parts.state.begin(start)
    this.#timeouts.markIdle()
  }

  /** Runs the queued messages, unless that is in progress. */
  go(): void {
    if (this.#copy.isUnderWay) this.#forwardCopy()
    if (!this.isRunning) void this.#run()
  }

  /** The client has read its output, and accepts more. */
  clientDrained(): void {
    if (!this.#output.backpressure.isClosed) return
    this.#output.backpressure.open()
    if (this.#pipeline.isWaiting && !this.#copy.isUnderWay) this.parts.route.markBusy()
    this.#pipeline.resume()
    if (this.#isIdle()) this.responses.sendNotifications()
  }

  /** The client was sent only a part of a message so far. */
  get isMidMessage(): boolean {
    return this.#pipeline.isMidMessage
  }

  /** Sends the client the notifications of the session with this id, once it is outside a transaction. */
  notify(processId: number, notifications: readonly Notification[]): void {
    this.responses.notify(processId, notifications, this.#isIdle())
  }

  /** Nothing runs, and the session is outside a transaction. */
  #isIdle(): boolean {
    return !this.isRunning && this.parts.state.transaction.status === 'I'
  }

  /** Discards queued messages, cancels the current request and undoes open work. */
  async stop(): Promise<void> {
    this.#timeouts.stop()
    clearTimeout(this.#pause)
    this.#input.clear()
    this.#batch.take()
    try {
      await this.parts.route.stop()
      await this.#pipeline.abandon({ shared: this.parts.route.isShared })
    } catch {
      // The connection is lost; the sandbox reports it.
    }
    this.parts.work.drop()
  }

  async #run(): Promise<void> {
    this.isRunning = true
    try {
      for (let frame = this.#input.first; frame && !this.#session.hasEnded; frame = this.#input.first) {
        if (this.#output.backpressure.isClosed) await this.#output.backpressure.opened()
        else if (this.#pipeline.backpressure.isClosed) await this.#pipeline.backpressure.opened()
        else if (!batched.has(frame.type) || !this.#addToBatch(frame)) {
          this.#input.shift()
          this.#timeouts.markBusy()
          const running = this.#process(frame)
          if (running) await running
          // Before writing to this client, which takes as long as a short statement, lets the next session's statement
          // start.
          const { holder } = this.#context.lock
          if (holder && holder !== this.#session && !this.#output.isEmpty) await immediate()
          this.#output.flush()
        }
      }
    } catch (error) {
      if (!this.#session.hasEnded) await this.#session.terminate(this.#fatal(error))
    } finally {
      this.isRunning = false
      if (this.#batch.length > 0 && !this.#session.hasEnded)
        this.#pause ??= setTimeout(() => this.#flushLate(), longestPause)
      // Sends notifications that have arrived in the meantime.
      if (!this.#session.hasEnded && this.#isIdle()) this.responses.sendNotifications()
      this.#context.onIdle?.()
    }
  }

  /**
   * The client has sent no Sync for a while. A server runs each message when it arrives, and sends an error at once; a Flush
   * has the same effect.
   */
  #flushLate(): void {
    this.#pause = undefined
    if (this.isRunning || this.#batch.length === 0 || this.#input.isMidFrame) return
    this.#input.push({ type: Frontend.Flush, bytes: flush })
    this.go()
  }

  /** Adds the next message to the batch. Returns false if the batch is full, or if messages are not batched now. */
  #addToBatch(frame: ClientFrame): boolean {
    if (this.#extended.isSkipping || this.#pipeline.copyAsked) return false
    if (this.#batch.length === 0) this.#timeouts.markBusy()
    if (!this.#batch.addIfRoom(frame)) return false
    this.#input.shift()
    return true
  }

  /** Pauses the server's output while the client does not keep up; a holder of the lock counts as idle then. */
  #waitForClient(): void {
    if (!this.#pipeline.isWaiting) return
    this.#pipeline.pause()
    this.parts.route.markIdle()
  }

  #fatal(error: unknown): SessionError {
    if (error instanceof SessionError) return error
    return this.#context.lost(error instanceof Error ? error : new Error(String(error)))
  }

  #process(frame: ClientFrame): Promise<void> | undefined {
    if (this.#extended.isSkipping && frame.type !== Frontend.Sync && frame.type !== Frontend.Terminate) return undefined
    switch (frame.type) {
      case Frontend.Query:
      case Frontend.FunctionCall:
        return this.#isFirst() ? this.cycle.run(frame) : this.#whenDue(frame)
      case Frontend.Parse:
      case Frontend.Bind:
      case Frontend.Describe:
      case Frontend.Execute:
      case Frontend.Close:
        return this.#sendOn(frame)
      case Frontend.Flush:
        return this.#flush()
      case Frontend.Sync:
        return this.#sync(frame)
      case Frontend.Terminate:
        return this.#session.end()
      default:
        if (!isCopyFrame(frame.type)) {
          throw new SessionError('08P01', `invalid frontend message type ${frame.type}`, { severity: 'FATAL' })
        }
        // Data of a COPY that is about to start, or the rest of one that has failed.
        return this.#isFirst() ? undefined : this.#whenDue(frame)
    }
  }

  /** Adds a message to a batch that is too long to be sent at once. */
  async #sendOn(frame: ClientFrame): Promise<void> {
    if (this.#pipeline.copyAsked && !(await this.#isDue(frame))) return
    this.#batch.add(frame)
    // The client may never send a Sync; only the responses show that the server is done.
    if (this.#batch.isFull) await this.#flush()
  }

  async #flush(): Promise<void> {
    await this.#takeBatch()
    this.#extended.flush()
  }

  #sync(frame: ClientFrame): Promise<void> {
    const taking = this.#takeBatch()
    return taking ? taking.then(() => this.cycle.run(frame)) : this.cycle.run(frame)
  }

  /** No earlier message is queued or unanswered. */
  #isFirst(): boolean {
    return this.#batch.length === 0 && !this.#pipeline.inExtendedQuery
  }

  /**
   * Waits for the responses to earlier messages, since after an error there a server discards this one. Meanwhile, the
   * frame is back in the input, where a COPY reads its data. Returns false if the frame was consumed or is to be
   * discarded.
   */
  async #isDue(frame: ClientFrame): Promise<boolean> {
    this.#input.unshift(frame)
    await this.#takeBatch()
    await this.#pipeline.untilAnswered()
    if (this.#input.first !== frame) return false
    this.#input.shift()
    return !this.#extended.isSkipping
  }

  async #whenDue(frame: ClientFrame): Promise<void> {
    if ((await this.#isDue(frame)) && !isCopyFrame(frame.type)) await this.cycle.run(frame)
  }

  #takeBatch(): Promise<void> | undefined {
    if (this.#batch.length === 0) return undefined
    try {
      return this.#extended.take(this.#batch.take())?.catch(error => this.cycle.refuse(error))
    } catch (error) {
      return this.cycle.refuse(error)
    }
  }

  #forwardCopy(): void {
    this.parts.route.markBusy()
    try {
      if (!this.#copy.forward(this.#input, this.#extended.isSkipping)) {
        void this.#session.end()
        return
      }
    } catch (error) {
      void this.#session.terminate(this.#fatal(error))
      return
    }
    this.#pipeline.send()
    if (this.#copy.isUnderWay && !this.#pipeline.backpressure.isClosed) this.parts.route.markIdle()
  }
}
