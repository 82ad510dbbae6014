/** Runs what a client sends, message by message and in order, and gathers what it should see. */
import { Conversation } from './conversation.ts'
import { CopyIn, isCopyFrame } from './copy-in.ts'
import type { Endpoint } from './endpoint.ts'
import { type ClientFrame, ExtendedQuery } from './extended-query.ts'
import type { Inbox } from './inbox.ts'
import { type Notification, notificationResponse } from './notifications.ts'
import type { Output } from './output.ts'
import type { Session } from './session.ts'
import { SessionError } from './session-error.ts'
import type { SessionStart } from './session-record.ts'
import { SessionTimeouts } from './session-timeouts.ts'
import { runSimpleQuery } from './simple-query.ts'
import { StatementRunner } from './statement-runner.ts'
import { tagOf } from './upstream.ts'
import { errorResponse, readyForQuery } from './wire/backend.ts'
import { MalformedMessage, readString } from './wire/frames.ts'
import { Frontend } from './wire/frontend.ts'

/** The messages of the extended protocol that have no effect on their own before a Sync or a Flush. */
const gathers: ReadonlySet<number> = new Set([
  Frontend.Parse,
  Frontend.Bind,
  Frontend.Describe,
  Frontend.Execute,
  Frontend.Close,
])

/** They are gathered up to this many bytes before they are sent on without a Sync. */
const gatheredBytes = 65_536

export class MessageLoop {
  readonly runner: StatementRunner
  readonly #session: Session
  readonly #endpoint: Endpoint
  readonly #inbox: Inbox
  readonly #output: Output
  readonly #conversation: Conversation
  readonly #extended: ExtendedQuery
  readonly #copy: CopyIn
  readonly #timeouts: SessionTimeouts
  #gathered: ClientFrame[] = []
  #gatheredLength = 0
  #running = false
  #inSimpleQuery = false
  #notifications: Buffer[] = []

  constructor(session: Session, endpoint: Endpoint, inbox: Inbox, output: Output) {
    this.#session = session
    this.#endpoint = endpoint
    this.#inbox = inbox
    this.#output = output
    const reply = (bytes: Buffer) => output.add(bytes)
    this.#conversation = new Conversation({
      pass: reply,
      settled: () => {
        output.flush()
        if (output.gate.isClosed) this.#waitForClient()
      },
      drained: () => this.go(),
      completed: bytes => {
        this.runner.completed(tagOf(bytes))
        // Of a Query, a server tells this only once the transaction is committed.
        if (this.#inSimpleQuery && this.runner.mayFailToCommit) output.hold(bytes)
        else output.add(bytes)
      },
      told: bytes => {
        if (!this.runner.configured(bytes)) reply(bytes)
      },
      noticed: bytes => output.addAhead(bytes),
      failed: bytes => {
        output.add(this.runner.explain(bytes))
        this.runner.failed()
        this.#extended.failed()
        if (!this.#copy.isUnderWay) return
        this.#copy.failed()
        if (this.#copy.isUnderWay) this.runner.rests()
      },
      rested: () => this.runner.rests(),
      reported: bytes => {
        this.runner.record.reported(bytes)
        output.add(bytes)
      },
      copyInStarted: () => {
        this.#copy.started()
        this.#forwardCopy()
      },
    })
    this.#copy = new CopyIn(this.#conversation)
    this.runner = new StatementRunner(session, endpoint, this.#conversation)
    this.#timeouts = new SessionTimeouts(this.runner.record, error => void session.terminate(error))
    this.#extended = new ExtendedQuery(session, this.runner, this.#conversation, endpoint.scripts, reply)
  }

  /** It runs a message, or waits for what the message needs. */
  get isRunning(): boolean {
    return this.#running
  }

  /** The session has a transaction open, waits for its turn, for an answer, or for the rest of a series. */
  get isActive(): boolean {
    return this.runner.isActive || this.#running || this.#conversation.isWaiting || this.#gathered.length > 0
  }

  /** The session has come in. */
  begin(start: SessionStart): void {
    this.runner.record.begin(start)
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
    if (this.#conversation.isWaiting && !this.#copy.isUnderWay) this.runner.works()
    this.#conversation.resume()
  }

  /** What the client was told last is a part of a message. */
  get isMidMessage(): boolean {
    return this.#conversation.isMidMessage
  }

  /** Tells the client what the session with this number has notified, as soon as it is in no transaction. */
  notify(processId: number, notifications: readonly Notification[]): void {
    const { channels, transaction } = this.runner.record
    const heard = notifications.filter(({ channel }) => channels.listened.has(channel))
    this.#notifications.push(...heard.map(notification => notificationResponse(processId, notification)))
    if (this.#running || transaction.status !== 'I') return
    this.#tellNotifications()
    this.#output.flush()
  }

  /** Drops what has not been run, ends what runs, and undoes what was open. */
  async stop(): Promise<void> {
    this.#timeouts.stop()
    this.#inbox.clear()
    this.#gathered = []
    try {
      await this.runner.leavesAlone()
      await this.#conversation.abandon({ shared: this.runner.isShared })
    } catch {
      // The connection itself is lost; the sandbox reports that.
    }
    this.runner.drop()
  }

  async #run(): Promise<void> {
    this.#running = true
    try {
      while (this.#inbox.first && !this.#session.hasEnded) {
        if (this.#output.gate.isClosed) await this.#output.gate.opened()
        else if (this.#conversation.gate.isClosed) await this.#conversation.gate.opened()
        else if (!this.#gather()) await this.#runNext()
      }
    } catch (error) {
      if (!this.#session.hasEnded) await this.#session.terminate(this.#fatal(error))
    } finally {
      this.#running = false
      this.#endpoint.rested()
    }
  }

  /** Puts the next message with others of its series, to be sent together. False if it is none of them, or they are enough. */
  #gather(): boolean {
    const frame = this.#inbox.first
    if (!frame || !gathers.has(frame.type) || this.#extended.isSkipping || this.#conversation.copyAsked) return false
    if (this.#gatheredLength + frame.bytes.length >= gatheredBytes) return false
    this.#inbox.shift()
    this.#timeouts.works()
    this.#keep(frame)
    return true
  }

  #keep(frame: ClientFrame): void {
    this.#gathered.push(frame)
    this.#gatheredLength += frame.bytes.length
  }

  async #runNext(): Promise<void> {
    const frame = this.#inbox.shift()
    this.#timeouts.works()
    if (frame) await this.#process(frame)
    this.#output.flush()
  }

  /** Nothing is asked of the server for a client that does not keep up; its turn is idle. */
  #waitForClient(): void {
    if (!this.#conversation.isWaiting) return
    this.#conversation.pause()
    this.runner.rests()
  }

  #fatal(error: unknown): SessionError {
    if (error instanceof SessionError) return error
    return this.#endpoint.lost(error instanceof Error ? error : new Error(String(error)))
  }

  async #process(frame: ClientFrame): Promise<void> {
    if (this.#extended.isSkipping && frame.type !== Frontend.Sync && frame.type !== Frontend.Terminate) return
    switch (frame.type) {
      case Frontend.Query:
        if (this.#isFirst || (await this.#isDue(frame))) await this.#simpleQuery(frame.bytes)
        break
      case Frontend.Parse:
      case Frontend.Bind:
      case Frontend.Describe:
      case Frontend.Execute:
      case Frontend.Close:
        if (this.#conversation.copyAsked && !(await this.#isDue(frame))) break
        this.#keep(frame)
        if (this.#gatheredLength < gatheredBytes) break
        await this.#takeGathered()
        // The client may wait with its Sync for ever; without the answers, nobody would know that the server is done.
        this.#extended.flush()
        break
      case Frontend.Flush:
        await this.#takeGathered()
        this.#extended.flush()
        break
      case Frontend.Sync:
        await this.#takeGathered()
        await this.#extended.sync()
        await this.#finish()
        break
      case Frontend.FunctionCall:
        if (this.#isFirst || (await this.#isDue(frame))) await this.#functionCall(frame.bytes)
        break
      case Frontend.Terminate:
        await this.#session.end()
        break
      default:
        if (!isCopyFrame(frame.type)) {
          throw new SessionError('08P01', `invalid frontend message type ${frame.type}`, { severity: 'FATAL' })
        }
        // Data of a COPY that is about to start; else it is what is left of one that has failed already.
        if (!this.#isFirst) await this.#isDue(frame)
    }
  }

  /** No message before it waits to be sent or to be answered. */
  get #isFirst(): boolean {
    return this.#gathered.length === 0 && !this.#conversation.inExtendedQuery
  }

  /**
   * Lets what came before be answered, since an error there makes a server drop what follows. Meanwhile the frame is in the
   * inbox again, where a COPY finds its data. False if the frame has been used up or is to be dropped.
   */
  async #isDue(frame: ClientFrame): Promise<boolean> {
    this.#inbox.unshift(frame)
    await this.#takeGathered()
    await this.#conversation.untilAnswered()
    if (this.#inbox.first !== frame) return false
    this.#inbox.shift()
    return !this.#extended.isSkipping
  }

  async #simpleQuery(bytes: Buffer): Promise<void> {
    this.#inSimpleQuery = true
    await this.#attempt(() => {
      const sql = readString(bytes, 5).value
      this.#session.lastStatement = sql
      this.#session.runs(sql)
      this.runner.record.statements.delete('')
      return runSimpleQuery(
        this.#endpoint.scripts(sql, this.runner.record.lexicalOptions),
        bytes,
        this.runner,
        this.#conversation,
        reply => this.#output.add(reply),
      )
    })
    await this.#finish()
  }

  async #functionCall(bytes: Buffer): Promise<void> {
    await this.#attempt(async () => {
      await this.runner.enter()
      this.runner.follow(await this.#conversation.untilReady(bytes))
    })
    await this.#finish()
  }

  async #takeGathered(): Promise<void> {
    const frames = this.#gathered
    if (frames.length === 0) return
    this.#gathered = []
    this.#gatheredLength = 0
    await this.#attempt(() => this.#extended.take(frames))
  }

  /** Reports a refusal of the sandbox's own where a server would report its error: after the answers to what came before. */
  async #attempt(work: () => Promise<void>): Promise<void> {
    try {
      await work()
    } catch (error) {
      const refusal = error instanceof MalformedMessage ? new SessionError('08P01', error.message) : error
      if (!(refusal instanceof SessionError) || refusal.fields.S === 'FATAL') throw error
      if (this.#conversation.inExtendedQuery) await this.#conversation.untilAnswered()
      // The server has refused what came before; it would not have looked at this.
      if (this.#extended.isSkipping) return
      this.#output.add(errorResponse(refusal.fields))
      this.#extended.failed()
      await this.runner.refused()
      this.runner.rests()
    }
  }

  async #finish(): Promise<void> {
    this.#copy.finished()
    try {
      await this.runner.settle()
    } catch (error) {
      if (!(error instanceof SessionError) || error.fields.S === 'FATAL') throw error
      this.#output.drop()
      this.#output.add(errorResponse(error.fields))
    }
    this.#inSimpleQuery = false
    const status = this.runner.finish()
    this.#extended.finish()
    if (status === 'I') this.#tellNotifications()
    this.#output.add(readyForQuery(status))
    this.#timeouts.rests()
  }

  #tellNotifications(): void {
    for (const bytes of this.#notifications) this.#output.add(bytes)
    this.#notifications = []
  }

  #forwardCopy(): void {
    this.runner.works()
    for (let frame = this.#inbox.first; frame && this.#copy.isUnderWay; frame = this.#inbox.first) {
      if (this.#conversation.gate.isClosed) break
      if (frame.type === Frontend.Terminate) {
        void this.#session.end()
        return
      }
      try {
        this.#copy.take(frame.type, frame.bytes, this.#extended.isSkipping)
      } catch (error) {
        void this.#session.terminate(this.#fatal(error))
        return
      }
      this.#inbox.shift()
    }
    this.#conversation.send()
    if (this.#copy.isUnderWay && !this.#conversation.gate.isClosed) this.runner.rests()
  }
}
