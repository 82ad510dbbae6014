/** Runs the messages of a client one by one, in their order. */

import { setImmediate as immediate } from 'node:timers/promises'
import type { SessionContext } from '../execution/session-context.ts'
import type { SessionHandle } from '../execution/session-handle.ts'
import { type SessionParts, sessionParts } from '../execution/session-parts.ts'
import { Interceptor } from '../intercept/interceptor.ts'
import { type ClientFrame, Frontend } from '../protocol/frontend-messages.ts'
import { SessionError } from '../protocol/pg-error.ts'
import { RequestPipeline } from '../server/request-pipeline.ts'
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

export class MessageLoop {
  readonly parts: SessionParts
  readonly responses: ClientResponses
  readonly cycle: QueryCycle
  /** It runs a message, or waits for what the message needs. */
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

  /** The session has a transaction open, waits for the connection lock, for an answer, or for the rest of a batch. */
  get isActive(): boolean {
    const { state, route } = this.parts
    if (state.transaction.status !== 'I' || route.holdsLock || this.#context.lock.isWaiting(this.#session)) return true
    return this.isRunning || this.#pipeline.isWaiting || this.#batch.length > 0
  }

  /** The session has come in. */
  begin(start: SessionDefaults): void {
    this.parts.state.begin(start)
    this.#timeouts.markIdle()
  }

  /** Runs what was added, unless that is being done. */
  go(): void {
    if (this.#copy.isUnderWay) this.#forwardCopy()
    if (!this.isRunning) void this.#run()
  }

  /** The client takes more. */
  clientDrained(): void {
    if (!this.#output.backpressure.isClosed) return
    this.#output.backpressure.open()
    if (this.#pipeline.isWaiting && !this.#copy.isUnderWay) this.parts.route.markBusy()
    this.#pipeline.resume()
    if (this.#isIdle()) this.responses.sendNotifications()
  }

  /** The client was sent a part of a message, and not the rest yet. */
  get isMidMessage(): boolean {
    return this.#pipeline.isMidMessage
  }

  /** Sends the client the notifications of the session with this number, as soon as it is in no transaction. */
  notify(processId: number, notifications: readonly Notification[]): void {
    this.responses.notify(processId, notifications, this.#isIdle())
  }

  /** Nothing runs, and the session is in no transaction. */
  #isIdle(): boolean {
    return !this.isRunning && this.parts.state.transaction.status === 'I'
  }

  /** Drops what has not been run, ends what runs, and undoes what was open. */
  async stop(): Promise<void> {
    this.#timeouts.stop()
    this.#input.clear()
    this.#batch.take()
    try {
      await this.parts.route.stop()
      await this.#pipeline.abandon({ shared: this.parts.route.isShared })
    } catch {
      // The connection itself is lost; the sandbox reports that.
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
          // The server works for whoever is next while this client is written to, which takes as long as a short statement.
          const { holder } = this.#context.lock
          if (holder && holder !== this.#session && !this.#output.isEmpty) await immediate()
          this.#output.flush()
        }
      }
    } catch (error) {
      if (!this.#session.hasEnded) await this.#session.terminate(this.#fatal(error))
    } finally {
      this.isRunning = false
      // Of what others have notified in the meantime.
      if (!this.#session.hasEnded && this.#isIdle()) this.responses.sendNotifications()
      this.#context.onIdle?.()
    }
  }

  /** Puts the next message with others of its batch, to be sent together. False if there are enough, or if it comes too late. */
  #addToBatch(frame: ClientFrame): boolean {
    if (this.#extended.isSkipping || this.#pipeline.copyAsked) return false
    if (this.#batch.length === 0) this.#timeouts.markBusy()
    if (!this.#batch.addIfRoom(frame)) return false
    this.#input.shift()
    return true
  }

  /** Nothing is asked of the server for a client that does not keep up; as a holder of the lock, it is idle. */
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
        // Data of a COPY that is about to start; else it is what is left of one that has failed already.
        return this.#isFirst() ? undefined : this.#whenDue(frame)
    }
  }

  /** A message that has no effect on its own, of a batch that is too long to be sent at once. */
  async #sendOn(frame: ClientFrame): Promise<void> {
    if (this.#pipeline.copyAsked && !(await this.#isDue(frame))) return
    this.#batch.add(frame)
    // The client may never send a Sync; only the answers show that the server is done.
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

  /** No message before it waits to be sent or to be answered. */
  #isFirst(): boolean {
    return this.#batch.length === 0 && !this.#pipeline.inExtendedQuery
  }

  /**
   * Lets what came before be answered, since an error there makes a server drop what follows. Meanwhile the frame is in the
   * input again, where a COPY finds its data. False if the frame has been used up or is to be dropped.
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
