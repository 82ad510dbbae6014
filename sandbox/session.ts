/** One client of a sandbox, from its first byte to its last: what it sends is run in order, what it should see is sent. */
import { Conversation } from './conversation.ts'
import { CopyIn, isCopyFrame } from './copy-in.ts'
import type { Endpoint } from './endpoint.ts'
import { type ClientFrame, ExtendedQuery } from './extended-query.ts'
import { Output } from './output.ts'
import { SessionError } from './session-error.ts'
import { startupSettings } from './settings.ts'
import { runSimpleQuery } from './simple-query.ts'
import { StartupPhase } from './startup.ts'
import { StatementRunner } from './statement-runner.ts'
import { errorResponse, readyForQuery } from './wire/backend.ts'
import { FrameReader, MalformedMessage, readString } from './wire/frames.ts'
import { Frontend } from './wire/frontend.ts'

/** Where a session's bytes go. */
export type Port = { send(bytes: Buffer): void; end(): void }

const frontendTypes: ReadonlySet<number> = new Set(Object.values(Frontend))

/** Messages of the extended protocol are gathered up to this many bytes before they are sent on without a Sync. */
const gatheredBytes = 65_536

export class Session {
  readonly id: number
  /** Who took this client from a pool, where it is known. */
  takenBy: { readonly place: string } | undefined
  /** The last statement that the client sent, as it stood there. */
  lastStatement = ''
  /** What the client calls itself, or its pool is called. */
  name = ''
  readonly #endpoint: Endpoint
  readonly #port: Port
  readonly #reader = new FrameReader(undefined, frontendTypes)
  readonly #output = new Output()
  readonly #conversation: Conversation
  readonly #runner: StatementRunner
  readonly #extended: ExtendedQuery
  readonly #copy: CopyIn
  #startup: StartupPhase | undefined
  #inbox: ClientFrame[] = []
  #gathered: ClientFrame[] = []
  #gatheredLength = 0
  #running = false
  #ending: Promise<void> | undefined

  /** `password`: what the client must say to come in; undefined for a client in this process. */
  constructor(id: number, endpoint: Endpoint, port: Port, password: string | undefined) {
    this.id = id
    this.#endpoint = endpoint
    this.#port = port
    this.#startup = new StartupPhase({ processId: id, password, serverParameters: endpoint.serverParameters })
    const reply = (bytes: Buffer) => this.#output.add(bytes)
    this.#conversation = new Conversation({
      pass: reply,
      settled: () => this.#flush(),
      completed: tag => this.#runner.completed(tag),
      failed: () => {
        this.#runner.failed()
        this.#extended.failed()
        if (!this.#copy.isUnderWay) return
        this.#copy.failed()
        if (this.#copy.isUnderWay) this.#runner.rests()
      },
      rested: () => this.#runner.rests(),
      copyInStarted: () => {
        this.#copy.started()
        this.#forwardCopy()
      },
    })
    this.#copy = new CopyIn(this.#conversation)
    this.#runner = new StatementRunner(this, endpoint, this.#conversation)
    this.#extended = new ExtendedQuery(this, this.#runner, this.#conversation, endpoint.scripts, reply)
  }

  /** The client has gone, or was sent away. */
  get hasEnded(): boolean {
    return this.#ending !== undefined
  }

  /** It has a transaction open, waits for its turn or for an answer. */
  get isActive(): boolean {
    return this.#runner.isActive || this.#running || this.#gathered.length > 0
  }

  /** It has set something that holds until it ends. */
  get hasSettings(): boolean {
    return this.#runner.record.settings.size > 0
  }

  /** A statement of it runs, or waits for its turn. */
  get isBusy(): boolean {
    return this.#running
  }

  /** The session in words, for messages to people. */
  describe(): string {
    const statement = this.lastStatement.trim().replace(/\s+/g, ' ').slice(0, 200) || '(no statement yet)'
    const place = this.takenBy ? ` (client taken at ${this.takenBy.place})` : ''
    const name = this.name ? ` (${this.name})` : ''
    return `${statement}${place || name}`
  }

  receive(chunk: Buffer): void {
    if (this.hasEnded) return
    try {
      const bytes = this.#startup ? this.#start(this.#startup, chunk) : chunk
      if (!bytes || this.hasEnded) return
      this.#reader.read(bytes, (type, frame) => this.#inbox.push({ type, bytes: frame }))
    } catch (error) {
      const message = error instanceof Error ? error.message : String(error)
      this.terminate(new SessionError('08P01', message, { severity: 'FATAL' }))
      return
    }
    if (this.#copy.isUnderWay) this.#forwardCopy()
    if (!this.#running) void this.#run()
  }

  /** The client has gone: what it had open is undone, and the others go on. */
  disconnected(): void {
    void this.end()
  }

  /** Tells the client why, unless it has gone already, and ends the session. */
  terminate(error: SessionError): Promise<void> {
    if (this.#ending) return this.#ending
    this.#output.add(errorResponse({ ...error.fields, S: 'FATAL' }))
    this.#flush()
    return this.end()
  }

  /** Gives up the session's own connection, if it has one. */
  closeDirect(): Promise<void> {
    return this.#runner.closeDirect()
  }

  /** Ends the session and gives back what it held. */
  end(): Promise<void> {
    if (!this.#ending) {
      this.#ending = this.#end()
      // Last, since a stream in this process tells at once that it is closed.
      this.#port.end()
    }
    return this.#ending
  }

  async #end(): Promise<void> {
    this.#inbox = []
    this.#gathered = []
    this.#endpoint.turns.remove(this, new Error('The session has ended.'))
    try {
      await this.#runner.leavesAlone()
      await this.#conversation.abandon({ shared: !this.#runner.isDirect })
    } catch {
      // The connection itself is lost; the sandbox reports that.
    }
    this.#runner.drop()
    this.#endpoint.left(this)
  }

  #start(startup: StartupPhase, chunk: Buffer): Buffer | undefined {
    const step = startup.read(chunk)
    for (const bytes of step.reply) this.#output.add(bytes)
    this.#flush()
    if (step.close) void this.end()
    if (!step.started) return undefined
    this.#startup = undefined
    this.name ||= step.started.parameters.get('application_name') ?? ''
    this.#runner.record.settings = startupSettings(step.started.parameters, this.#endpoint.serverParameters)
    return step.rest
  }

  async #run(): Promise<void> {
    this.#running = true
    try {
      for (let frame = this.#inbox.shift(); frame && !this.hasEnded; frame = this.#inbox.shift()) {
        await this.#process(frame)
        this.#flush()
      }
    } catch (error) {
      if (!this.hasEnded) await this.terminate(this.#fatal(error))
    } finally {
      this.#running = false
      this.#endpoint.rested()
    }
  }

  #fatal(error: unknown): SessionError {
    if (error instanceof SessionError) return error
    return this.#endpoint.lost(error instanceof Error ? error : new Error(String(error)))
  }

  async #process(frame: ClientFrame): Promise<void> {
    if (this.#extended.isSkipping && frame.type !== Frontend.Sync && frame.type !== Frontend.Terminate) return
    switch (frame.type) {
      case Frontend.Query:
        if (await this.#isDue(frame)) await this.#simpleQuery(frame.bytes)
        break
      case Frontend.Parse:
      case Frontend.Bind:
      case Frontend.Describe:
      case Frontend.Execute:
      case Frontend.Close:
        if (this.#conversation.copyAsked && !(await this.#isDue(frame))) break
        this.#gathered.push(frame)
        this.#gatheredLength += frame.bytes.length
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
        if (await this.#isDue(frame)) await this.#functionCall(frame.bytes)
        break
      case Frontend.Terminate:
        await this.end()
        break
      default:
        if (!isCopyFrame(frame.type)) {
          throw new SessionError('08P01', `invalid frontend message type ${frame.type}`, { severity: 'FATAL' })
        }
        // Data of a COPY that is about to start; else it is what is left of one that has failed already.
        await this.#isDue(frame)
    }
  }

  /**
   * Lets what came before be answered, since an error there makes a server drop what follows. Meanwhile the frame is in the
   * inbox again, where a COPY finds its data. False if the frame has been used up or is to be dropped.
   */
  async #isDue(frame: ClientFrame): Promise<boolean> {
    if (this.#gathered.length === 0 && !this.#conversation.inExtendedQuery) return true
    this.#inbox.unshift(frame)
    await this.#takeGathered()
    await this.#conversation.untilAnswered()
    if (this.#inbox[0] !== frame) return false
    this.#inbox.shift()
    return !this.#extended.isSkipping
  }

  async #simpleQuery(bytes: Buffer): Promise<void> {
    await this.#attempt(() => {
      const sql = readString(bytes, 5).value
      this.lastStatement = sql
      this.#runner.record.statements.delete('')
      return runSimpleQuery(this.#endpoint.scripts(sql), bytes, this.#runner, this.#conversation, reply =>
        this.#output.add(reply),
      )
    })
    await this.#finish()
  }

  async #functionCall(bytes: Buffer): Promise<void> {
    await this.#attempt(async () => {
      await this.#runner.enter()
      this.#runner.follow(await this.#conversation.untilReady(bytes))
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
      await this.#runner.refused()
      this.#runner.rests()
    }
  }

  async #finish(): Promise<void> {
    this.#copy.finished()
    await this.#runner.settle()
    const status = this.#runner.finish()
    this.#extended.finish()
    this.#output.add(readyForQuery(status))
  }

  #forwardCopy(): void {
    this.#runner.works()
    for (let frame = this.#inbox[0]; frame && this.#copy.isUnderWay; frame = this.#inbox[0]) {
      if (frame.type === Frontend.Terminate) {
        void this.end()
        return
      }
      try {
        this.#copy.take(frame.type, frame.bytes, this.#extended.isSkipping)
      } catch (error) {
        void this.terminate(this.#fatal(error))
        return
      }
      this.#inbox.shift()
    }
    if (this.#copy.isUnderWay) this.#runner.rests()
  }

  #flush(): void {
    const bytes = this.#output.take()
    if (bytes && !this.hasEnded) this.#port.send(bytes)
  }
}
