/** One client's session, from its first byte to its last. */

import { randomInt } from 'node:crypto'
import type { SessionContext } from '../execution/session-context.ts'
import type { SessionHandle } from '../execution/session-handle.ts'
import { backendKeyData, errorResponse, parameterStatus, readyForQuery } from '../protocol/backend-messages.ts'
import { FrameReader } from '../protocol/frames.ts'
import { type CancelKey, Frontend } from '../protocol/frontend-messages.ts'
import { fatal, SessionError } from '../protocol/pg-error.ts'
import type { Run } from '../sql/run-sql.ts'
import { StartupPhase } from '../startup/startup-phase.ts'
import type { Notification } from '../state/listen/notifications.ts'
import type { SessionDefaults } from '../state/session-defaults.ts'
import { ClientInput } from '../transport/client-input.ts'
import { ClientOutput, type ClientPort } from '../transport/client-output.ts'
import { MessageLoop } from './message-loop.ts'

const frontendTypes: ReadonlySet<number> = new Set(Object.values(Frontend))

export class Session implements SessionHandle {
  readonly id: number
  /** The call site that took this client from a pool, if known. */
  takenBy: { readonly place: string } | undefined
  /** The last statement that the client sent, unchanged. */
  lastStatement = ''
  causes: unknown[] | undefined
  /** The client has disconnected or was terminated. */
  hasEnded = false
  /** The client's application_name, or the name of its pool. */
  name = ''
  readonly #context: SessionContext
  readonly #cancelKey: CancelKey
  readonly #hasSocket: boolean
  readonly #reader = new FrameReader(undefined, frontendTypes)
  readonly #input: ClientInput
  readonly #output: ClientOutput
  readonly #loop: MessageLoop
  #startup: StartupPhase | undefined
  /** Bytes that the client has sent before its admission. */
  #early: Buffer[] | undefined
  #ending: Promise<void> | undefined
  /** The error that answers the client's next message and ends the session. */
  #lastAnswer: SessionError | undefined

  /** `password`: the client's required password; undefined for a client in this process. */
  constructor(id: number, context: SessionContext, port: ClientPort, password: string | undefined) {
    this.id = id
    this.#context = context
    this.#cancelKey = { processId: id, secretKey: randomInt(0x7fff_ffff) }
    this.#hasSocket = password !== undefined
    this.#startup = new StartupPhase(password)
    this.#output = new ClientOutput(port)
    this.#input = new ClientInput(port)
    this.#loop = new MessageLoop(this, context, this.#input, this.#output)
  }

  /** The session has an open transaction, or waits for the connection lock or a response. */
  get isActive(): boolean {
    return this.#loop.isActive
  }

  /** The session has settings or other state that would last until it ends. */
  get hasSettings(): boolean {
    return !this.#loop.parts.state.isLikeNew
  }

  /** A statement of the session runs, or waits for the connection lock. */
  get isBusy(): boolean {
    return this.#loop.isRunning
  }

  /** Whether this is the cancel key that the client was sent. */
  hasKey({ processId, secretKey }: CancelKey): boolean {
    return processId === this.#cancelKey.processId && secretKey === this.#cancelKey.secretKey
  }

  /** Describes the session for error messages. */
  describe(): string {
    const statement = this.lastStatement.trim().replace(/\s+/g, ' ').slice(0, 200) || '(no statement yet)'
    const place = this.takenBy ? ` (client taken at ${this.takenBy.place})` : ''
    const name = this.name ? ` (${this.name})` : ''
    return `${statement}${place || name}`
  }

  receive(chunk: Buffer): void {
    if (this.hasEnded) return
    if (this.#lastAnswer) {
      void (chunk[0] === Frontend.Terminate ? this.end() : this.terminate(this.#lastAnswer))
      return
    }
    if (this.#early) {
      this.#early.push(chunk)
      return
    }
    try {
      const bytes = this.#startup ? this.#start(this.#startup, chunk) : chunk
      if (!bytes || this.hasEnded) return
      this.#reader.read(bytes, (type, frame) => this.#input.push({ type, bytes: frame }))
      this.#input.isMidFrame = this.#reader.isIncomplete
    } catch (error) {
      const message = error instanceof Error ? error.message : String(error)
      void this.terminate(error instanceof SessionError ? error : fatal('08P01', message))
      return
    }
    this.#loop.go()
  }

  /** Sends the client the notifications of the session with this id, once it is outside a transaction. */
  notify(processId: number, notifications: readonly Notification[]): void {
    this.#loop.notify(processId, notifications)
  }

  /** The queue of the client's unread notifications is full, so no session may send more. */
  get isBehind(): boolean {
    return this.#loop.responses.isBehind
  }

  /** The client has read its output, and accepts more. */
  drained(): void {
    this.#loop.clientDrained()
  }

  /** Cancels the running or waiting statement, if any. Resolves when the request cannot hit a later statement. */
  cancel(): Promise<void> {
    return this.#loop.parts.route.cancel()
  }

  /** Ends the session after the client has disconnected: its open work is undone. */
  disconnected(): void {
    void this.end()
  }

  /** Sends the client the error, unless it has disconnected, and ends the session. */
  terminate(error: SessionError): Promise<void> {
    if (this.#ending) return this.#ending
    if (this.isBusy) this.#context.observer?.failed?.(this, error.fields)
    // In the middle of a message, the client would read the error as part of that message.
    if (!this.#loop.isMidMessage) this.#output.add(errorResponse({ ...error.fields, severity: 'FATAL' }))
    this.#output.flush()
    return this.end()
  }

  /**
   * Ends the session at the client's next message, which is answered by the error; its socket stays open until then.
   * Returns false, and does nothing, for a session that is not idle or has no socket.
   */
  terminateLater(error: SessionError): boolean {
    if (!this.#hasSocket || this.isActive || this.hasEnded || this.#startup || this.#early) return false
    this.#lastAnswer = error
    return true
  }

  /** Connects it to the database of `direct` mode if it listens for notifications, so that it need not send anything. */
  listenDirectly(): Promise<void> | undefined {
    return this.hasEnded ? undefined : this.#loop.parts.route.listenDirectly()
  }

  /** As `MessageLoop.ask`. */
  ask<T>(ask: (run: Run) => Promise<T>): Promise<T> {
    return this.#loop.ask(ask)
  }

  /** As `MessageLoop.undoFailed`. */
  undoFailed(): boolean {
    return this.#loop.undoFailed()
  }

  /** Closes the session's dedicated connections, if any. */
  closeDedicated(): Promise<void> | undefined {
    return this.#loop.parts.route.closeDedicated()
  }

  /** Ends the session and releases its resources. */
  end(): Promise<void> {
    if (!this.#ending) {
      this.hasEnded = true
      this.#ending = this.#end()
      // Last, since a stream in this process emits its close event at once.
      this.#output.end()
    }
    return this.#ending
  }

  async #end(): Promise<void> {
    this.#context.lock.remove(this, new Error('The session has ended.'))
    await this.#loop.stop()
    this.#context.left(this)
  }

  #start(startup: StartupPhase, chunk: Buffer): Buffer | undefined {
    const step = startup.read(chunk)
    for (const bytes of step.reply) this.#output.add(bytes)
    if (!step.started) {
      this.#output.flush()
      if (step.cancel) void this.#context.cancel(step.cancel).then(() => this.end())
      else if (step.close) void this.end()
      return undefined
    }
    this.#startup = undefined
    const { parameters } = step.started
    this.name ||= parameters.get('application_name') ?? ''
    const admitted = this.#context.admission.admit(parameters, ask => this.#loop.cycle.askInTransaction(ask))
    if (!(admitted instanceof Promise)) {
      this.#begin(admitted)
      return step.rest
    }
    this.#early = step.rest?.length ? [step.rest] : []
    void this.#await(admitted)
    return undefined
  }

  async #await(admitted: Promise<SessionDefaults>): Promise<void> {
    try {
      const start = await admitted
      if (this.hasEnded) return
      this.#begin(start)
      const early = this.#early ?? []
      this.#early = undefined
      for (const chunk of early) this.receive(chunk)
    } catch (error) {
      if (this.hasEnded) return
      const reason = error instanceof Error ? error : new Error(String(error))
      await this.terminate(error instanceof SessionError ? error : this.#context.lost(reason))
    }
  }

  #begin(start: SessionDefaults): void {
    this.#loop.begin(start)
    for (const [name, value] of start.parameters) this.#output.add(parameterStatus(name, value))
    this.#output.add(backendKeyData(this.#cancelKey.processId, this.#cancelKey.secretKey))
    this.#output.add(readyForQuery('I'))
    this.#output.flush()
  }
}
