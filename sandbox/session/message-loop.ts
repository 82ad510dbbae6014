/** Runs what a client sends, message by message and in order, and gathers what it should see. */

import { setImmediate as immediate } from 'node:timers/promises'
import type { Endpoint } from '../execution/session-context.ts'
import type { Client } from '../execution/session-handle.ts'
import { type SessionParts, sessionParts } from '../execution/session-parts.ts'
import { OwnCommands } from '../intercept/intercept.ts'
import { type ClientFrame, Frontend } from '../protocol/frontend-messages.ts'
import { SessionError } from '../protocol/pg-error.ts'
import { RequestPipeline } from '../server/request-pipeline.ts'
import type { Run } from '../sql/run-sql.ts'
import type { Notification } from '../state/listen/notifications.ts'
import type { SessionStart } from '../state/session-defaults.ts'
import { SessionTimeouts } from '../state/session-timeouts.ts'
import type { Inbox } from '../transport/client-input.ts'
import type { Output } from '../transport/client-output.ts'
import { ClientAnswers } from './client-responses.ts'
import { CopyIn, isCopyFrame } from './copy-in.ts'
import { ExtendedQuery } from './extended-query.ts'
import { Series } from './message-batch.ts'
import { QueryCycle } from './query-cycle.ts'

export class MessageLoop {
  readonly #parts: SessionParts
  readonly #session: Client
  readonly #endpoint: Endpoint
  readonly #inbox: Inbox
  readonly #output: Output
  readonly #pipeline: RequestPipeline
  readonly #extended: ExtendedQuery
  readonly #copy: CopyIn
  readonly #timeouts: SessionTimeouts
  readonly #series = new Series()
  readonly #answers: ClientAnswers
  readonly #cycle: QueryCycle
  #running = false

  constructor(session: Client, endpoint: Endpoint, inbox: Inbox, output: Output) {
    this.#session = session
    this.#endpoint = endpoint
    this.#inbox = inbox
    this.#output = output
    this.#pipeline = new RequestPipeline({
      pass: (chunk, from, to) => output.add(chunk, from, to),
      settled: () => {
        output.flush()
        if (output.gate.isClosed) this.#waitForClient()
      },
      drained: () => this.go(),
      completed: (chunk, from, to) => this.#answers.completed(chunk, from, to),
      told: bytes => this.#answers.noticed(bytes),
      noticed: bytes => output.addAhead(bytes),
      failed: (bytes, renamed) => {
        this.#answers.failed(bytes, renamed)
        this.#extended.failed()
        if (!this.#copy.isUnderWay) return
        this.#copy.failed()
        if (this.#copy.isUnderWay) this.#parts.lane.rests()
      },
      rested: () => this.#parts.lane.rests(),
      reported: bytes => this.#parts.record.reported(bytes),
      copyInStarted: () => {
        this.#copy.started()
        this.#forwardCopy()
      },
    })
    this.#copy = new CopyIn(this.#pipeline)
    this.#parts = sessionParts(session, endpoint, this.#pipeline)
    const own = new OwnCommands(this.#parts)
    this.#answers = new ClientAnswers(output, this.#parts)
    this.#timeouts = new SessionTimeouts(this.#parts.record, error => void session.terminate(error))
    this.#extended = new ExtendedQuery(this.#parts, own, bytes => output.add(bytes))
    this.#cycle = new QueryCycle({
      ...this.#parts,
      ...{ own, extended: this.#extended, copy: this.#copy, answers: this.#answers, timeouts: this.#timeouts },
    })
  }

  /** It runs a message, or waits for what the message needs. */
  get isRunning(): boolean {
    return this.#running
  }

  /** The session has a transaction open, waits for its turn, for an answer, or for the rest of a series. */
  get isActive(): boolean {
    const { record, lane } = this.#parts
    if (record.transaction.status !== 'I' || lane.holdsTurn || this.#endpoint.turns.isWaiting(this.#session))
      return true
    return this.#running || this.#pipeline.isWaiting || !this.#series.isEmpty
  }

  /** The session has set something that holds until it ends. */
  get hasSettings(): boolean {
    return !this.#parts.record.isLikeNew
  }

  /** Asks the server on the session's behalf, in the shared transaction; what was done is undone. Undefined without one. */
  askInTransaction<T>(ask: (run: Run) => Promise<T>): Promise<T | undefined> {
    return this.#cycle.askInTransaction(ask)
  }

  /** Cancels the statement that runs or is about to. Resolves when nothing later can be hit. */
  cancel(): Promise<void> {
    return this.#parts.lane.cancel()
  }

  /** Gives up the connections that are the session's own, if any, with its locks; it gets others where it next needs them. */
  closeOwn(): Promise<void> | undefined {
    return this.#parts.lane.closeOwn()
  }

  /** The session has come in. */
  begin(start: SessionStart): void {
    this.#parts.record.begin(start)
    this.#timeouts.rests()
  }

  /** Puts a message behind those that wait to be run. */
  add(frame: ClientFrame): void {
    this.#inbox.push(frame)
  }

  /** Runs what was added, unless that is being done. */
  go(): void {
    if (this.#copy.isUnderWay) this.#forwardCopy()
    if (!this.#running) void this.#run()
  }

  /** The client takes more. */
  clientDrained(): void {
    if (!this.#output.gate.isClosed) return
    this.#output.gate.open()
    if (this.#pipeline.isWaiting && !this.#copy.isUnderWay) this.#parts.lane.works()
    this.#pipeline.resume()
    if (this.#isIdle()) this.#answers.tellHeard()
  }

  /** The client has not taken what it was notified of for so long that nobody may notify anything more. */
  get isBehind(): boolean {
    return this.#answers.areBehind
  }

  /** What the client was told last is a part of a message. */
  get isMidMessage(): boolean {
    return this.#pipeline.isMidMessage
  }

  /** Tells the client what the session with this number has notified, as soon as it is in no transaction. */
  notify(processId: number, notifications: readonly Notification[]): void {
    this.#answers.notify(processId, notifications, this.#isIdle())
  }

  /** Nothing runs, and the session is in no transaction. */
  #isIdle(): boolean {
    return !this.#running && this.#parts.record.transaction.status === 'I'
  }

  /** Drops what has not been run, ends what runs, and undoes what was open. */
  async stop(): Promise<void> {
    this.#timeouts.stop()
    this.#inbox.clear()
    this.#series.take()
    try {
      await this.#parts.lane.leavesAlone()
      await this.#pipeline.abandon({ shared: this.#parts.lane.isShared })
    } catch {
      // The connection itself is lost; the sandbox reports that.
    }
    this.#parts.work.drop()
  }

  async #run(): Promise<void> {
    this.#running = true
    try {
      while (this.#inbox.first && !this.#session.hasEnded) {
        if (this.#output.gate.isClosed) await this.#output.gate.opened()
        else if (this.#pipeline.gate.isClosed) await this.#pipeline.gate.opened()
        else if (!this.#gather()) {
          const running = this.#runNext()
          if (running) await running
          // The server works for whoever is next while this client is written to, which takes as long as a short statement.
          if (!this.#output.isEmpty && this.#endpoint.turns.isWithAnother(this.#session)) await immediate()
          this.#output.flush()
        }
      }
    } catch (error) {
      if (!this.#session.hasEnded) await this.#session.terminate(this.#fatal(error))
    } finally {
      this.#running = false
      // Of what others have notified in the meantime.
      if (!this.#session.hasEnded && this.#isIdle()) this.#answers.tellHeard()
      this.#endpoint.rested()
    }
  }

  /** Puts the next message with others of its series, to be sent together. False if it is none of them, or they are enough. */
  #gather(): boolean {
    const frame = this.#inbox.first
    if (!frame || this.#extended.isSkipping || this.#pipeline.copyAsked || !this.#series.mayTake(frame)) return false
    this.#inbox.shift()
    this.#timeouts.works()
    this.#series.add(frame)
    return true
  }

  #runNext(): Promise<void> | undefined {
    const frame = this.#inbox.shift()
    this.#timeouts.works()
    return frame && this.#process(frame)
  }

  /** Nothing is asked of the server for a client that does not keep up; its turn is idle. */
  #waitForClient(): void {
    if (!this.#pipeline.isWaiting) return
    this.#pipeline.pause()
    this.#parts.lane.rests()
  }

  #fatal(error: unknown): SessionError {
    if (error instanceof SessionError) return error
    return this.#endpoint.lost(error instanceof Error ? error : new Error(String(error)))
  }

  #process(frame: ClientFrame): Promise<void> | undefined {
    if (this.#extended.isSkipping && frame.type !== Frontend.Sync && frame.type !== Frontend.Terminate) return undefined
    switch (frame.type) {
      case Frontend.Query:
      case Frontend.FunctionCall:
        return this.#isFirst() ? this.#runAlone(frame) : this.#whenDue(frame)
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

  /** A message that has no effect on its own, of a series that is too long to be gathered whole. */
  async #sendOn(frame: ClientFrame): Promise<void> {
    if (this.#pipeline.copyAsked && !(await this.#isDue(frame))) return
    this.#series.add(frame)
    // The client may wait with its Sync for ever; without the answers, nobody would know that the server is done.
    if (this.#series.isFull) await this.#flush()
  }

  async #flush(): Promise<void> {
    await this.#takeGathered()
    this.#extended.flush()
  }

  #sync(frame: ClientFrame): Promise<void> {
    const taking = this.#takeGathered()
    return taking ? taking.then(() => this.#cycle.run(frame)) : this.#cycle.run(frame)
  }

  /** No message before it waits to be sent or to be answered. */
  #isFirst(): boolean {
    return this.#series.isEmpty && !this.#pipeline.inExtendedQuery
  }

  /**
   * Lets what came before be answered, since an error there makes a server drop what follows. Meanwhile the frame is in the
   * inbox again, where a COPY finds its data. False if the frame has been used up or is to be dropped.
   */
  async #isDue(frame: ClientFrame): Promise<boolean> {
    this.#inbox.unshift(frame)
    await this.#takeGathered()
    await this.#pipeline.untilAnswered()
    if (this.#inbox.first !== frame) return false
    this.#inbox.shift()
    return !this.#extended.isSkipping
  }

  async #whenDue(frame: ClientFrame): Promise<void> {
    if (await this.#isDue(frame)) await this.#runAlone(frame)
  }

  /** Runs a message that stands for itself. */
  #runAlone(frame: ClientFrame): Promise<void> | undefined {
    return isCopyFrame(frame.type) ? undefined : this.#cycle.run(frame)
  }

  #takeGathered(): Promise<void> | undefined {
    if (this.#series.isEmpty) return undefined
    try {
      return this.#extended.take(this.#series.take())?.catch(error => this.#cycle.refuse(error))
    } catch (error) {
      return this.#cycle.refuse(error)
    }
  }

  #forwardCopy(): void {
    this.#parts.lane.works()
    try {
      if (!this.#copy.forward(this.#inbox, this.#extended.isSkipping)) {
        void this.#session.end()
        return
      }
    } catch (error) {
      void this.#session.terminate(this.#fatal(error))
      return
    }
    this.#pipeline.send()
    if (this.#copy.isUnderWay && !this.#pipeline.gate.isClosed) this.#parts.lane.rests()
  }
}
