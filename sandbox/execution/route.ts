/** Routes a session's statements: to the shared connection (under the lock, behind the guard's savepoint) or to a dedicated one. */

import type { TransactionStatus } from '../protocol/backend-messages.ts'
import { sync } from '../protocol/frontend-messages.ts'
import { canceledStatement, SessionError } from '../protocol/pg-error.ts'
import type { RequestPipeline } from '../server/request-pipeline.ts'
import type { ServerRoute } from '../server/server-route.ts'
import type { Command } from '../sql/commands/command.ts'
import type { SessionState } from '../state/session-state.ts'
import type { SharedTransaction } from '../transaction/shared-transaction.ts'
import { DedicatedConnections } from './dedicated-connections.ts'
import { InternalRequests, sessionEnded } from './internal-requests.ts'
import type { SessionContext } from './session-context.ts'
import type { SessionHandle } from './session-handle.ts'

export class Route {
  readonly #session: SessionHandle
  readonly #context: SessionContext
  readonly #pipeline: RequestPipeline
  readonly #state: SessionState
  readonly #dedicated: DedicatedConnections
  readonly #requests: InternalRequests
  /**
   * Where the statements go. none: the session has not entered, or has left; shared: to the shared transaction; advisory
   * lock: to the connection that holds the session's advisory locks; direct: to a connection for all that the session does.
   */
  kind: 'none' | 'shared' | 'advisory lock' | 'direct' = 'none'
  #lane: ServerRoute | undefined
  /** A statement for an advisory lock has failed, and the shared transaction has to. */
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
    this.#dedicated = new DedicatedConnections(session, context)
    this.#requests = new InternalRequests(session)
  }

  /** The connection that the statements go to. Throws if the session has not entered one, or has left it. */
  get entered(): ServerRoute {
    if (!this.#lane) throw new Error('The session has not entered a connection.')
    return this.#lane
  }

  /** The session speaks to the server by the connection that all share. */
  get isShared(): boolean {
    return this.kind === 'none' || this.kind === 'shared'
  }

  get holdsLock(): boolean {
    return this.#context.lock.holder === this.#session
  }

  /** What it does is behind its guard in the shared transaction. */
  get isGuarded(): boolean {
    return this.kind !== 'direct' && this.holdsLock && this.#context.transaction.guarded
  }

  /** Whether the command takes or gives back advisory locks by a connection for these, and not in one message with others. */
  needsAdvisoryLock(command: Command | undefined): boolean {
    // In a failed transaction, the server shall refuse it.
    if (command?.kind !== 'advisory lock' || this.#state.transaction.status === 'E') return false
    return this.#context.mode !== 'direct'
  }

  /**
   * Makes ready for a statement that the server is to run: at once, as a rule, or when the promise resolves. Throws, or
   * rejects with, a SessionError if it may not run.
   */
  enter(command?: Command): Promise<void> | undefined {
    if (this.#session.hasEnded) throw sessionEnded()
    const { mode, lock, transaction } = this.#context
    if (mode === 'closed') throw this.#context.closedError()
    const needsAdvisoryLock = command?.kind === 'advisory lock' && this.needsAdvisoryLock(command)
    if (needsAdvisoryLock || !this.#canEnterAtOnce()) return this.#enterInTime(needsAdvisoryLock)
    lock.take(this.#session)
    this.#useShared(transaction)
    return undefined
  }

  /** Throws if no test is open. */
  refuseWhenClosed(): void {
    if (this.#context.mode === 'closed') throw this.#context.closedError()
  }

  /** Ends the batch with a Sync of the sandbox itself, since what follows goes to another connection. */
  async endBatch(): Promise<void> {
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

  /** Resolves when no internal request is under way: what would have to be waited for is cancelled. */
  stop(): Promise<void> {
    return this.#requests.stop()
  }

  /** Follows the server's status byte. Throws if it shows that the shared transaction is no more. */
  follow(status: TransactionStatus): void {
    if (this.kind === 'advisory lock') {
      this.#followAdvisoryLock(status)
      return
    }
    const isDirect = this.kind === 'direct'
    if (!isDirect && (status === 'I' || this.#guardLost)) throw this.#context.escaped(this.#session)
    if (isDirect || this.#state.transaction.status !== 'I') this.#state.transaction.follow(status)
    else if (status === 'E') this.#state.hasFailed = true
  }

  /**
   * Runs statements of the sandbox itself where the session's run: under its guard, or on its direct connection.
   * Rejects with what the server refuses them with.
   */
  async run(sql: string): Promise<(string | null)[][]> {
    if (this.kind !== 'direct') {
      this.kind = 'shared'
      this.#lane = this.#context.transaction
    }
    const lane = this.entered
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
    const lane = this.kind === 'direct' ? this.#lane : this.#context.transaction
    if (!lane || lane.upstream.lost) return
    const { status, reports } = await this.#requests.fail(lane)
    lane.upstream.receiver = this.#pipeline
    for (const report of reports) this.#state.reported(report)
    this.follow(status)
  }

  /** The guard is closed: makes what holds for the session hold on the shared connection. */
  async applySettings(): Promise<void> {
    const { settings, reportedParameters } = this.#state
    const reports = await this.#requests.exclusively(this.#context.transaction.apply(settings))
    if (reportedParameters.mayHaveChanged) for (const report of reports) this.#state.reported(report)
  }

  /** What ends the guard, which is closed, is done now. */
  async finishGuard(): Promise<void> {
    const { transaction } = this.#context
    const ending = Buffer.concat([...transaction.finishGuard(), sync])
    const { reports } = await this.#requests.exclusively(transaction.upstream.exchange(ending))
    for (const report of reports) this.#state.reported(report)
  }

  /** The transaction for the advisory locks ends with the session's transaction. */
  async endAdvisoryLock(outcome: 'release' | 'rollback'): Promise<void> {
    this.#owesFailure = false
    if (this.#dedicated.hasAdvisoryLock) await this.#requests.exclusively(this.#dedicated.endAdvisoryLock(outcome))
  }

  /** Gives up the connection for the advisory locks, and these with it. */
  closeAdvisoryLock(): Promise<void> {
    if (this.kind === 'advisory lock') this.#setNone()
    return this.#dedicated.closeAdvisoryLock()
  }

  /** If it holds the lock: nothing of it runs, and the others' patience counts. */
  markIdle(): void {
    if (this.holdsLock) this.#context.lock.markIdle()
  }

  /** If it holds the lock: something of it runs. */
  markBusy(): void {
    if (this.holdsLock) this.#context.lock.markBusy()
  }

  /** The session has done what it held the lock for, and others go on. */
  leave(): void {
    const { holdsLock } = this
    if (holdsLock || this.kind === 'advisory lock') this.#setNone()
    if (holdsLock) this.#context.lock.pass()
  }

  /** The session is over. */
  drop(): void {
    this.leave()
    this.#dedicated.drop()
  }

  /** Closes the session's dedicated connections, if any, with its advisory locks; it gets others where it next needs them. */
  closeDedicated(): Promise<void> | undefined {
    if (!this.#dedicated.areThere) return undefined
    if (this.kind === 'direct') this.#state.transaction.reset()
    if (!this.isShared) this.#setNone()
    return this.#dedicated.close()
  }

  /** Nothing has to be waited for: the lock is free, and what the session is holds on the shared connection already. */
  #canEnterAtOnce(): boolean {
    const { mode, transaction, lock } = this.#context
    if (mode !== 'transaction' || transaction.upstream.lost || this.#owesFailure) return false
    if (this.kind === 'advisory lock') return false
    if (lock.holder === this.#session && transaction.guarded) return true
    if (this.#state.transaction.status === 'E') return false
    return lock.holder === undefined && transaction.applied === this.#state.settings
  }

  async #enterInTime(needsAdvisoryLock: boolean): Promise<void> {
    const hasToLeave = needsAdvisoryLock !== (this.kind === 'advisory lock')
    if (this.#pipeline.inExtendedQuery && hasToLeave) await this.endBatch()
    this.#entering = true
    this.#canceled = false
    try {
      if (this.#context.mode === 'direct') await this.#enterDirect()
      else if (needsAdvisoryLock) await this.#enterAdvisoryLock()
      else await this.#enterShared()
    } finally {
      this.#entering = false
    }
    if (this.#canceled) throw canceledStatement()
  }

  async #enterDirect(): Promise<void> {
    this.#lane = await this.#requests.exclusively(this.#dedicated.enterDirect(this.#state))
    this.kind = 'direct'
    this.#pipeline.attach(this.#lane.upstream)
  }

  async #enterAdvisoryLock(): Promise<void> {
    this.#lane = await this.#requests.exclusively(this.#dedicated.enterAdvisoryLock(this.#state))
    this.kind = 'advisory lock'
    this.#pipeline.attach(this.#lane.upstream)
    // It may wait for an advisory lock whose holder waits for the connection lock.
    this.markIdle()
  }

  async #enterShared(): Promise<void> {
    const { lock, transaction } = this.#context
    const taking = lock.take(this.#session)
    if (taking) {
      await taking
      if (this.#session.hasEnded) throw sessionEnded()
      this.refuseWhenClosed()
      lock.markBusy()
    }
    this.kind = 'shared'
    this.#lane = transaction
    if (transaction.upstream.lost) throw this.#context.lost(transaction.upstream.lost)
    if (this.#owesFailure) {
      this.#owesFailure = false
      await this.#requests.fail(transaction)
    }
    if (!transaction.guarded && transaction.applied !== this.#state.settings) await this.applySettings()
    if (this.#isUnseenFailure()) await this.#failUnseen()
    this.#useShared(transaction)
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

  /** What the session sends goes to the shared connection, behind the guard. */
  #useShared(transaction: SharedTransaction): void {
    this.kind = 'shared'
    this.#lane = transaction
    this.#pipeline.attach(transaction.upstream)
    if (transaction.guarded) return
    for (const message of this.#openGuard()) this.#pipeline.ask(message, this.#guardAnswers)
  }

  #setNone(): void {
    this.kind = 'none'
    this.#lane = undefined
  }

  #openGuard(): Buffer[] {
    const { transaction, listeners } = this.#context
    return transaction.openGuard({ access: this.#state.access, heard: listeners.size > 0 })
  }

  #followAdvisoryLock(status: TransactionStatus): void {
    this.#dedicated.followAdvisoryLock(status)
    if (status !== 'E') return
    this.#state.transaction.fail()
    this.#owesFailure = this.isGuarded
  }

  #isUnseenFailure(): boolean {
    return this.#state.transaction.status === 'E' && this.#context.mode !== 'direct' && !this.isGuarded
  }
}
