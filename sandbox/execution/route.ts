/** The way that a session has entered to the server: the shared transaction in its turn and behind its guard, or its own. */

import type { TransactionStatus } from '../protocol/backend-messages.ts'
import { sync } from '../protocol/frontend-messages.ts'
import { canceledStatement, SessionError } from '../protocol/pg-error.ts'
import type { RequestPipeline } from '../server/request-pipeline.ts'
import type { Lane } from '../server/server-route.ts'
import type { Command } from '../sql/commands/command.ts'
import type { SessionState } from '../state/session-state.ts'
import { DedicatedConnections } from './dedicated-connections.ts'
import { InternalRequests } from './internal-requests.ts'
import type { SessionContext } from './session-context.ts'
import type { SessionHandle } from './session-handle.ts'

export class Route {
  readonly #session: SessionHandle
  readonly #context: SessionContext
  readonly #pipeline: RequestPipeline
  readonly #state: SessionState
  readonly #own: DedicatedConnections
  readonly #requests: InternalRequests
  #lane: Lane | undefined
  /** A lock beside the shared transaction has failed, and the transaction has to. */
  #owesFailure = false
  #entering = false
  #canceled = false
  #guardLost = false
  readonly #guardAnswers = {
    hidden: true,
    answers: 2,
    undo: () => {
      this.#guardLost = true
    },
  }

  constructor(session: SessionHandle, context: SessionContext, pipeline: RequestPipeline, state: SessionState) {
    this.#session = session
    this.#context = context
    this.#pipeline = pipeline
    this.#state = state
    this.#own = new DedicatedConnections(session, context)
    this.#requests = new InternalRequests(session)
  }

  /** Throws if the session has not entered one, or has left it. */
  get entered(): Lane {
    if (!this.#lane) throw new Error('The session has not entered a lane.')
    return this.#lane
  }

  /** The session uses a connection of its own. */
  get isDirect(): boolean {
    return this.#own.isDirect(this.#lane)
  }

  /** What it does now, it does beside the shared transaction. */
  get isBeside(): boolean {
    return this.#own.isBeside(this.#lane)
  }

  /** The session speaks to the server by the connection that all share. */
  get isShared(): boolean {
    return !this.isDirect && !this.isBeside
  }

  get holdsLock(): boolean {
    return this.#context.lock.holder === this.#session
  }

  /** What it does is behind its guard in the shared transaction. */
  get isGuarded(): boolean {
    return !this.isDirect && this.holdsLock && this.#context.transaction.guarded
  }

  /** Whether the command runs beside the shared transaction, and not in one message with others. */
  runsBeside(command: Command | undefined): boolean {
    // In a failed transaction, the server shall refuse it.
    if (command?.kind !== 'advisory lock' || this.#state.transaction.status === 'E') return false
    return this.#context.mode !== 'direct'
  }

  /**
   * Makes ready for a statement that the server is to run: at once, as a rule, or when the promise resolves. Throws, or
   * rejects with, a SessionError if it may not run.
   */
  enter(command?: Command): Promise<void> | undefined {
    this.#requests.stopWhenEnded()
    this.refuseWhenClosed()
    const beside = this.runsBeside(command)
    if (beside || !this.#canEnterAtOnce()) return this.#enterInTime(beside)
    if (!this.holdsLock) this.#context.lock.take(this.#session)
    this.#useShared()
    this.#setGuard()
    return undefined
  }

  /** Throws if no test is open. */
  refuseWhenClosed(): void {
    if (this.#context.mode === 'closed') throw this.#context.closedError()
  }

  /** In one series of messages, goes on by another connection. */
  async leaveSeries(): Promise<void> {
    await this.#pipeline.untilAnswered()
    this.follow(await this.#pipeline.untilReady(sync))
  }

  /** Cancels the statement that runs or is about to. Resolves when nothing later can be hit. */
  async cancel(): Promise<void> {
    const cancelling = this.#requests.cancel()
    if (cancelling) return cancelling
    if (!this.#entering) return this.#pipeline.cancel()
    this.#canceled = true
    this.#context.lock.remove(this.#session, canceledStatement())
  }

  /** Resolves when the session has no request of the sandbox's own under way: what it would have to wait for is cancelled. */
  stop(): Promise<void> {
    return this.#requests.stop()
  }

  /** Follows the server's status byte. Throws if it shows that the shared transaction is no more. */
  follow(status: TransactionStatus): void {
    if (this.isBeside) {
      this.#followBeside(status)
      return
    }
    if (!this.isDirect && (status === 'I' || this.#guardLost)) throw this.#context.escaped(this.#session)
    if (this.isDirect || this.#state.transaction.status !== 'I') this.#state.transaction.follow(status)
    else if (status === 'E') this.#state.hasFailed = true
  }

  /**
   * Runs statements of the sandbox's own where the session's run: under its guard, if it is not on a connection of its own.
   * Rejects with what the server refuses them with.
   */
  async run(sql: string): Promise<(string | null)[][]> {
    const lane = this.isDirect ? this.entered : this.#context.transaction
    this.#lane = lane
    const { status, error, rows, notices, reports } = await this.#requests.run(lane, sql)
    this.#pipeline.attach(lane.upstream)
    for (const notice of notices) if (!this.#state.configured(notice)) this.#pipeline.notice(notice)
    for (const report of reports) this.#state.reported(report)
    this.follow(status)
    if (error) throw SessionError.from(error)
    return rows
  }

  /** Has the server's transaction, if there is one, fail, since the sandbox has refused a message. */
  async fail(): Promise<void> {
    const lane = this.isDirect ? this.#lane : this.#context.transaction
    if (!lane || lane.upstream.lost) return
    const { status, reports } = await this.#requests.fail(lane)
    lane.upstream.receiver = this.#pipeline
    for (const report of reports) this.#state.reported(report)
    this.follow(status)
  }

  /** The guard is closed: makes what holds for the session hold on the shared connection. */
  async applySettings(): Promise<void> {
    const { settings, told } = this.#state
    const reports = await this.#requests.exclusively(this.#context.transaction.apply(settings))
    if (told.mayHavePassed) for (const report of reports) this.#state.reported(report)
  }

  /** What ends the guard, which is closed, is done now. */
  async finishGuard(): Promise<void> {
    const { transaction } = this.#context
    const ending = Buffer.concat([...transaction.finishGuard(), sync])
    const { reports } = await this.#requests.exclusively(transaction.upstream.exchange(ending))
    for (const report of reports) this.#state.reported(report)
  }

  /** What was done beside the shared transaction ends with the session's transaction. */
  async endBeside(outcome: 'release' | 'rollback'): Promise<void> {
    this.#owesFailure = false
    if (this.#own.hasSide) await this.#requests.exclusively(this.#own.endSide(outcome))
  }

  /** Gives up the connection beside the shared transaction, with its locks. */
  closeBeside(): Promise<void> {
    return this.#own.closeSide()
  }

  /** It holds the turn, and nothing of it runs: the others' patience counts. */
  markIdle(): void {
    if (this.holdsLock) this.#context.lock.markIdle()
  }

  /** Something of it runs. */
  markBusy(): void {
    if (this.holdsLock) this.#context.lock.markBusy()
  }

  /** The session has done what it held the lane for, and others go on. */
  leave(): void {
    if (this.isBeside) this.#lane = undefined
    if (!this.holdsLock) return
    this.#lane = undefined
    this.#context.lock.pass()
  }

  /** The session is over. */
  drop(): void {
    this.leave()
    this.#own.drop()
  }

  /** Gives up the connections that are the session's own, if any, with its locks; it gets others where it next needs them. */
  closeDedicated(): Promise<void> | undefined {
    if (!this.#own.areThere) return undefined
    if (this.isDirect) this.#state.transaction.reset()
    if (this.isDirect || this.isBeside) this.#lane = undefined
    return this.#own.close()
  }

  /** Nothing has to be waited for: the turn is free, and what the session is holds on the shared connection already. */
  #canEnterAtOnce(): boolean {
    const { mode, transaction, lock } = this.#context
    if (mode !== 'transaction' || transaction.upstream.lost || this.#owesFailure || this.isBeside) return false
    if (this.holdsLock && transaction.guarded) return true
    if (this.#state.transaction.status === 'E') return false
    return lock.holder === undefined && transaction.applied === this.#state.settings
  }

  async #enterInTime(beside: boolean): Promise<void> {
    if (this.#pipeline.inExtendedQuery && beside !== this.isBeside) await this.leaveSeries()
    this.#entering = true
    this.#canceled = false
    try {
      if (this.#context.mode === 'direct') await this.#enterDirect()
      else if (beside) await this.#enterBeside()
      else await this.#enterShared()
    } finally {
      this.#entering = false
    }
    if (this.#canceled) throw canceledStatement()
  }

  async #enterDirect(): Promise<void> {
    this.#lane = await this.#requests.exclusively(this.#own.enterDirect(this.#state))
    this.#pipeline.attach(this.#lane.upstream)
  }

  async #enterBeside(): Promise<void> {
    this.#lane = await this.#requests.exclusively(this.#own.enterBeside(this.#state))
    this.#pipeline.attach(this.#lane.upstream)
    // It may wait for a lock whose holder waits for its turn.
    this.markIdle()
  }

  async #enterShared(): Promise<void> {
    const { lock, transaction } = this.#context
    if (!this.holdsLock) {
      const turn = lock.take(this.#session)
      if (turn) await turn
      this.#requests.stopWhenEnded()
      this.refuseWhenClosed()
    }
    this.#useShared()
    if (transaction.upstream.lost) throw this.#context.lost(transaction.upstream.lost)
    if (this.#owesFailure) {
      this.#owesFailure = false
      await this.#requests.fail(transaction)
    }
    if (!transaction.guarded && transaction.applied !== this.#state.settings) await this.applySettings()
    if (this.#isUnseenFailure()) await this.#failUnseen()
    this.#setGuard()
  }

  /** Has the server begin and fail the transaction, so that it answers what it answers in a failed one. */
  async #failUnseen(): Promise<void> {
    const { transaction } = this.#context
    const unnamed = this.#state.statements.get('')
    const messages = [...this.#openGuard(), ...(unnamed ? [unnamed.frame] : []), sync]
    await this.#requests.exclusively(transaction.upstream.exchange(Buffer.concat(messages)))
    // Once it has failed, nothing can be prepared.
    if (unnamed) transaction.unnamedOwner = this.#session
    await this.#requests.fail(transaction)
  }

  #useShared(): void {
    this.#context.lock.markBusy()
    this.#lane = this.#context.transaction
  }

  /** What the session says goes to the shared connection, behind the guard. */
  #setGuard(): void {
    const { transaction } = this.#context
    this.#pipeline.attach(transaction.upstream)
    if (transaction.guarded) return
    for (const message of this.#openGuard()) this.#pipeline.ask(message, this.#guardAnswers)
  }

  #openGuard(): Buffer[] {
    const { transaction, listeners } = this.#context
    return transaction.openGuard({ access: this.#state.access, heard: listeners.size > 0 })
  }

  #followBeside(status: TransactionStatus): void {
    this.#own.followSide(status)
    if (status !== 'E') return
    this.#state.transaction.fail()
    this.#owesFailure = this.isGuarded
  }

  #isUnseenFailure(): boolean {
    return this.#state.transaction.status === 'E' && this.#context.mode !== 'direct' && !this.isGuarded
  }
}
