/** Routes a session's statements: to the shared connection (under the lock, inside the guard) or to a dedicated one. */

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
   * Where the statements go. none: the session has not entered, or has left; shared: to the shared transaction;
   * advisory lock: to the connection that holds the session's advisory locks; direct: to a dedicated connection for all
   * statements.
   */
  kind: 'none' | 'shared' | 'advisory lock' | 'direct' = 'none'
  #lane: ServerRoute | undefined
  /** A statement on the advisory-lock connection has failed, and the shared transaction must fail too. */
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

  /** The session's statements go to the shared connection. */
  get isShared(): boolean {
    return this.kind === 'none' || this.kind === 'shared'
  }

  get holdsLock(): boolean {
    return this.#context.lock.holder === this.#session
  }

  /** The session has an open guard in the shared transaction. */
  get isGuarded(): boolean {
    return this.kind !== 'direct' && this.holdsLock && this.#context.transaction.guarded
  }

  /**
   * Whether the command acquires or releases advisory locks, and so runs on the connection for them, in a message of
   * its own.
   */
  needsAdvisoryLock(command: Command | undefined): boolean {
    // In a failed transaction, the server should refuse it.
    if (command?.kind !== 'advisory lock' || this.#state.transaction.status === 'E') return false
    return this.#context.mode !== 'direct'
  }

  /**
   * Prepares to run a statement on the server: as a rule at once, else when the promise resolves. Throws, or rejects
   * with, a SessionError if the statement may not run.
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

  /** Ends the batch with a Sync of the sandbox, since the next message goes to another connection. */
  async endBatch(): Promise<void> {
    await this.#pipeline.untilAnswered()
    this.follow(await this.#pipeline.untilReady(sync))
  }

  /** Cancels the running or waiting statement. Resolves when the request cannot hit a later statement. */
  async cancel(): Promise<void> {
    const cancelling = this.#requests.cancel()
    if (cancelling) return cancelling
    if (!this.#entering) return this.#pipeline.cancel()
    this.#canceled = true
    this.#context.lock.remove(this.#session, canceledStatement())
  }

  /** Cancels the current internal request and resolves when it has ended. */
  stop(): Promise<void> {
    return this.#requests.stop()
  }

  /**
   * Updates the session from the status byte of ReadyForQuery. Throws if it shows that the shared transaction has
   * ended.
   */
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
   * Runs the sandbox's own statements on the session's connection: inside its guard, or on its direct connection.
   * Rejects with the server's error.
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

  /** Fails the server's transaction, if there is one, after the sandbox has refused a message. */
  async fail(): Promise<void> {
    const lane = this.kind === 'direct' ? this.#lane : this.#context.transaction
    if (!lane || lane.upstream.lost) return
    const { status, reports } = await this.#requests.fail(lane)
    lane.upstream.receiver = this.#pipeline
    for (const report of reports) this.#state.reported(report)
    this.follow(status)
  }

  /** Applies the session's settings to the shared connection, after its guard was closed. */
  async applySettings(): Promise<void> {
    const { settings, reportedParameters } = this.#state
    const reports = await this.#requests.exclusively(this.#context.transaction.apply(settings))
    if (reportedParameters.mayHaveChanged) for (const report of reports) this.#state.reported(report)
  }

  /** Ends the closed guard on the server now. */
  async finishGuard(): Promise<void> {
    const { transaction } = this.#context
    const ending = Buffer.concat([...transaction.finishGuard(), sync])
    const { reports } = await this.#requests.exclusively(transaction.upstream.exchange(ending))
    for (const report of reports) this.#state.reported(report)
  }

  /** Some statement of the session has acquired or released an advisory lock. */
  get hasAdvisoryLock(): boolean {
    return this.#dedicated.hasAdvisoryLock
  }

  /** Releases the advisory locks that a ROLLBACK TO SAVEPOINT releases. */
  async followSavepoints(): Promise<void> {
    await this.#requests.exclusively(this.#dedicated.followSavepoints(this.#state))
  }

  /** Ends the advisory-lock transaction together with the session's transaction. */
  async endAdvisoryLock(outcome: 'release' | 'rollback'): Promise<void> {
    this.#owesFailure = false
    if (this.#dedicated.hasAdvisoryLock) await this.#requests.exclusively(this.#dedicated.endAdvisoryLock(outcome))
  }

  /** Closes the connection for advisory locks, which releases them. */
  closeAdvisoryLock(): Promise<void> {
    if (this.kind === 'advisory lock') this.#setNone()
    return this.#dedicated.closeAdvisoryLock()
  }

  /** Marks the session idle if it holds the lock: the waiters' patience runs. */
  markIdle(): void {
    if (this.holdsLock) this.#context.lock.markIdle()
  }

  /** Marks the session busy if it holds the lock. */
  markBusy(): void {
    if (this.holdsLock) this.#context.lock.markBusy()
  }

  /** Leaves the connection and releases the lock, so that other sessions continue. */
  leave(): void {
    const { holdsLock } = this
    if (holdsLock || this.kind === 'advisory lock') this.#setNone()
    if (holdsLock) this.#context.lock.pass()
  }

  /** Leaves and disconnects at the end of the session. */
  drop(): void {
    this.leave()
    this.#dedicated.drop()
  }

  /** Enters the dedicated connection for all statements, if the session listens for notifications there. */
  listenDirectly(): Promise<void> | undefined {
    if (this.#state.channels.listened.size === 0) return undefined
    return this.#enterDirect().catch(error => {
      if (!this.#session.hasEnded) throw error
    })
  }

  /** Closes the session's dedicated connections, if any, with its advisory locks; it connects again when needed. */
  closeDedicated(): Promise<void> | undefined {
    if (!this.#dedicated.areThere) return undefined
    if (this.kind === 'direct') this.#state.transaction.reset()
    if (!this.isShared) this.#setNone()
    return this.#dedicated.close()
  }

  /** Nothing to wait for: the lock is free, and the session's settings are in effect on the shared connection. */
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

  /** Begins and fails the transaction on the server, so that it responds as in a failed transaction. */
  async #failUnseen(): Promise<void> {
    const { transaction } = this.#context
    const unnamed = this.#state.statements.get('')
    const messages = [...this.#openGuard(), ...(unnamed ? [unnamed.frame] : []), sync]
    await this.#requests.exclusively(transaction.upstream.exchange(Buffer.concat(messages)))
    // In the failed transaction, it could not be prepared any more.
    if (unnamed) transaction.unnamedOwner = this.#session
    await this.#requests.fail(transaction)
  }

  /** Attaches the session to the shared connection and opens its guard. */
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
