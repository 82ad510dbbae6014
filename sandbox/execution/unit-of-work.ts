/**
 * Ends a session's unit of work: its work since the last commit is kept and its notifications delivered, or it is
 * undone.
 */

import type { TransactionStatus } from '../protocol/backend-messages.ts'
import { runAside, runAsideAnswers, sync } from '../protocol/frontend-messages.ts'
import { SessionError } from '../protocol/pg-error.ts'
import type { RequestPipeline } from '../server/request-pipeline.ts'
import type { Command } from '../sql/commands/command.ts'
import type { NamedStatement } from '../sql/commands/prepared-names.ts'
import { literal } from '../sql/quote.ts'
import { DeallocateAll } from '../state/deallocate-all.ts'
import type { Notification } from '../state/listen/notifications.ts'
import type { SessionState } from '../state/session-state.ts'
import { statementsToApply } from '../state/settings/setting-statements.ts'
import { noSettings, parameterValue, withheldDefault } from '../state/settings/settings.ts'
import { checkWithheld, stoodInBy } from '../state/settings/withheld-value.ts'
import { commit } from './commit-effects.ts'
import type { Route } from './route.ts'
import type { SessionContext } from './session-context.ts'
import type { SessionHandle } from './session-handle.ts'
import { commandPreparedBy, type SqlPreparedStatements } from './sql-prepared-statements.ts'

// The shared transaction would read the same until the end of the test.
const clearStatistics = runAside('reprise_statistics', 'SELECT pg_catalog.pg_stat_clear_snapshot()')

/** The parts of a session that take part in its unit of work. */
interface Parts {
  readonly session: SessionHandle
  readonly context: SessionContext
  readonly pipeline: RequestPipeline
  readonly state: SessionState
  readonly route: Route
  readonly sqlStatements: SqlPreparedStatements
}

export class UnitOfWork {
  readonly #session: SessionHandle
  readonly #state: SessionState
  readonly #context: SessionContext
  readonly #pipeline: RequestPipeline
  readonly #route: Route
  readonly #sqlStatements: SqlPreparedStatements
  readonly #deallocateAll: DeallocateAll
  #values: ReadonlyMap<string, string | null> | undefined
  #notifications: Notification[] = []
  #hasUndoneSettings = false
  /** The end of the guard changes nothing else: no setting, cursor or transaction mode ends with it. */
  #leavesRowsOnly = false
  #lastTag = ''
  #discarded = false

  constructor({ session, context, pipeline, state, route, sqlStatements }: Parts) {
    this.#session = session
    this.#state = state
    this.#context = context
    this.#pipeline = pipeline
    this.#route = route
    this.#sqlStatements = sqlStatements
    this.#deallocateAll = new DeallocateAll(state.statements)
  }

  /** Records the effects of a sent statement on the session's settings and prepared statements. */
  note(command: Command, sql: string): void {
    const executed = this.#state.statements.executedBy(command)
    this.#state.note(executed?.command ?? command, executed?.sql ?? sql)
    if (executed?.readsStatistics) this.refreshStatistics()
    if (executed) this.#context.transaction.constraints.given(executed.sql)
    // The same text may EXECUTE it.
    if (command.kind === 'prepare') this.#state.note(commandPreparedBy(sql), sql)
    const forgets =
      (command.kind === 'deallocate' && command.name === null) || (command.kind === 'discard' && command.what === 'all')
    if (forgets && this.#context.mode === 'direct') this.#deallocateAll.sent(this.#route.entered.upstream.prepared)
  }

  /** Records the effects of the EXECUTE in another statement, such as CREATE TABLE AS. */
  noteExecute(named: NamedStatement | undefined): void {
    if (named) this.note({ kind: 'execute', name: named.name }, '')
  }

  /** Before the first statement of a transaction that reads statistics of the server. */
  refreshStatistics(): void {
    if (this.#state.hasReadStatistics || this.#state.transaction.status === 'E' || !this.#route.isShared) return
    this.#state.hasReadStatistics = true
    this.#pipeline.ask(clearStatistics, { hidden: true, answers: runAsideAnswers })
  }

  /** A command has completed since the work began, or since the last ReadyForQuery. */
  get hasCompleted(): boolean {
    return this.#lastTag !== ''
  }

  /** The server has completed a command with this tag. */
  completed(tag: string): void {
    this.#lastTag = tag
    if (tag === 'PREPARE') this.#sqlStatements.prepared()
    else if (tag === 'SAVEPOINT' || tag === 'RELEASE' || tag === 'ROLLBACK') this.#state.movedSavepoints()
    if (this.#route.kind === 'direct') {
      this.#deallocateAll.completed(tag)
      if (tag === 'DISCARD ALL') this.#discarded = true
      return
    }
    this.#context.transaction.constraints.completed(tag)
    this.#state.completed(tag)
  }

  /** The server has refused a statement. */
  failed(): void {
    this.#state.hasFailed = true
    this.#state.failed()
    this.#deallocateAll.failed()
    this.#sqlStatements.failed()
  }

  /** The commit may still fail, since it checks deferred constraints. */
  get mayFailToCommit(): boolean {
    return this.#mayHaveChecks && this.#state.transaction.status === 'I' && this.#route.isGuarded
  }

  /**
   * Called before ReadyForQuery. Ends a batch without a Sync (for instance when the sandbox answered the Query after
   * it), commits work outside a transaction block, and reverts settings after a rollback, since the server reports
   * changes of some of them. All other cleanup can wait for the next statement. Undefined if there is nothing to do.
   * Rejects with a SessionError when the server refuses the commit.
   */
  settle(): Promise<void> | undefined {
    const { reportedParameters, transaction } = this.#state
    // Without locks, none has to be released.
    if (this.#state.hasMovedSavepoints && !this.#route.hasAdvisoryLock) this.#state.takeSavepointMoves()
    const isGuarded = this.#route.isGuarded
    const hasToCommit = isGuarded && transaction.status === 'I' && this.#hasToCommit()
    this.#leavesRowsOnly = isGuarded && !hasToCommit && this.#state.access === 'read write'
    const isSettled = !hasToCommit && !reportedParameters.mayHaveChanged && !this.#hasUndoneSettings && !this.#discarded
    const isInPlace = !this.#hasToRestate && !this.#state.hasMisplaced && !this.#hasToMoveLocks
    return isSettled && isInPlace && !this.#pipeline.inExtendedQuery ? undefined : this.#settleInTime()
  }

  /** Called right before ReadyForQuery. Outside a transaction, keeps or undoes the work and releases the lock. */
  finish(): TransactionStatus {
    const { transaction } = this.#state
    const { status } = transaction
    if (status === 'I') {
      const undone = this.#state.hasFailed || (this.#route.kind === 'direct' && this.#lastTag === 'ROLLBACK')
      this.end(undone ? 'rollback' : 'release', true)
      transaction.settled()
      this.#lastTag = ''
      this.#route.leave()
    } else this.#route.markIdle()
    this.#state.hasFailed = false
    return status
  }

  /** Undoes all open work at the end of the session. */
  drop(): void {
    this.#state.transaction.reset()
    this.end('rollback')
    this.#context.listeners.delete(this.#session)
    this.#context.transaction.abandon(this.#state.statements.prefix)
    this.#route.drop()
  }

  /**
   * Performs the effects of a COMMIT inside the guard, unless the work has failed. Rejects with the server's error
   * after undoing everything.
   */
  async commit(): Promise<void> {
    if (this.#state.hasFailed || !this.#route.isGuarded || this.#state.transaction.status === 'E') return
    const { transaction, listeners } = this.#context
    const work = { state: this.#state, transaction, heard: listeners.size > 0 }
    try {
      const { values, notifications } = await commit(work, sql => this.#route.run(sql))
      if (notifications.length > 0) this.#refuseWhenBehind()
      this.#values = values
      this.#notifications = notifications
    } catch (error) {
      if (!(error instanceof SessionError)) throw error
      // Before a SET of the transaction is undone.
      const isLast = this.#state.exitsOnError
      this.#state.hasFailed = true
      this.#state.transaction.reset()
      this.end('rollback')
      await this.#route.endAdvisoryLock('rollback')
      // Both the localized severity and the one that is not.
      throw isLast ? SessionError.from(Object.assign({ ...error.fields }, { severity: 'FATAL', V: 'FATAL' })) : error
    }
  }

  /** Keeps or undoes the work and closes its guard. `isLone`: the work of statements outside a transaction block. */
  end(outcome: 'release' | 'rollback', isLone = false): void {
    const { isGuarded, kind } = this.#route
    const isDirect = kind === 'direct'
    const isKept = isLone && isGuarded && outcome === 'release' && this.#leavesRowsOnly
    if (isGuarded) this.#hasUndoneSettings = outcome === 'rollback' && !this.#state.pendingSettings.isEmpty
    if (outcome === 'rollback') this.#state.rollBack()
    else if (isDirect || isGuarded) this.#keep(isDirect)
    // The work has not reached the server.
    else this.#state.channels.commit()
    this.#values = undefined
    this.#notifications = []
    // A session that has never listened does not listen after the end either.
    if (isDirect || this.#context.listeners.has(this.#session)) this.followChannels()
    if (isGuarded) this.#context.transaction.closeGuard(isKept ? 'keep' : outcome)
  }

  /** Registers the session as a listener, or removes it: other sessions keep notifications only while one listens. */
  followChannels(): void {
    const { listeners } = this.#context
    if (this.#state.channels.mayListen) listeners.add(this.#session)
    else listeners.delete(this.#session)
  }

  async #settleInTime(): Promise<void> {
    this.#leavesRowsOnly = false
    if (this.#pipeline.inExtendedQuery) this.#route.follow(await this.#pipeline.untilReady(sync))
    if (this.#hasToMoveLocks) await this.#route.followSavepoints()
    if (this.#state.hasMisplaced) await this.#replaceSettings()
    if (this.#state.transaction.status === 'I') await this.commit()
    else if (this.#hasToRestate) await this.restateConstraints()
    await this.#settleSettings()
    if (this.#discarded) await this.#discard()
  }

  /** Takes settings off the shared connection that would end it, and keeps them for the session, as its own SET does. */
  async #replaceSettings(): Promise<void> {
    const misplaced = this.#state.takeMisplaced()
    // Otherwise they are undone with the work.
    if (this.#state.hasFailed || this.#state.transaction.status === 'E' || !this.#route.isGuarded) return
    // Not by set_config(), which may be the template's, and would report it.
    const statements = misplaced.flatMap(({ name }) => [
      `SELECT ${literal(name)}, coalesce(nullif(pg_catalog.current_setting(${literal(stoodInBy(name))}, true), ''),
        pg_catalog.current_setting(${literal(name)}))`,
      `SET ${name} = '${withheldDefault(name)}'`,
      `SET ${stoodInBy(name)} = ''`,
    ])
    const values = new Map<string, string>()
    for (const [name, value] of await this.#route.run(statements.join('; '))) {
      // The second time, it has been reset.
      if (name != null && !values.has(name)) values.set(name, value ?? '')
    }
    for (const { name, local } of misplaced) {
      const value = await checkWithheld(name, values.get(name) ?? withheldDefault(name), sql => this.#route.run(sql))
      const setting = parameterValue(name, value)
      this.#state.pendingSettings.add({ kind: local ? 'set local' : 'set', name, setting })
    }
  }

  /** Puts new constraints into force as they were declared, before the next statement of the same request. */
  async restateConstraints(): Promise<void> {
    if (!this.#mayHaveToRestate || this.#state.hasFailed || this.#state.transaction.status === 'E') return
    const run = (sql: string) => this.#route.run(sql)
    const statements = await this.#context.transaction.constraints.restate(run, this.#state)
    if (statements.length > 0) await run(statements.join('; '))
  }

  /**
   * Reverts settings before ReadyForQuery when reported parameters are no longer in effect, so that the change is
   * reported. All else can wait for the next statement.
   */
  async #settleSettings(): Promise<void> {
    const { reportedParameters, transaction } = this.#state
    const { transaction: shared } = this.#context
    if (this.#hasUndoneSettings) {
      this.#hasUndoneSettings = false
      if (this.#route.holdsLock && !shared.guarded) await this.#route.finishGuard()
    }
    if (
      !reportedParameters.mayHaveChanged ||
      transaction.status !== 'I' ||
      this.#route.kind === 'direct' ||
      !this.#route.holdsLock
    )
      return
    if (this.#route.isGuarded) this.end(this.#state.hasFailed ? 'rollback' : 'release')
    // A SET LOCAL would last, since the shared transaction goes on.
    if (shared.applied !== this.#state.settings) await this.#route.applySettings()
  }

  // After DISCARD ALL on a direct connection, sets the session's startup parameters again.
  async #discard(): Promise<void> {
    this.#discarded = false
    if (this.#state.hasFailed || this.#route.kind !== 'direct') return
    this.#state.discard()
    const statements = statementsToApply(noSettings, this.#state.settings)
    if (statements.length > 0) await this.#route.run(statements.join('; '))
  }

  get #hasToMoveLocks(): boolean {
    return this.#state.hasMovedSavepoints && this.#route.hasAdvisoryLock
  }

  get #mayHaveChecks(): boolean {
    return this.#context.transaction.constraints.mayNeedCheck || this.#state.hasSetConstraints
  }

  /** In a transaction block, constraints may be new, and are not what the session itself has set for all. */
  get #hasToRestate(): boolean {
    return this.#state.transaction.status === 'T' && this.#mayHaveToRestate
  }

  get #mayHaveToRestate(): boolean {
    if (!this.#route.isGuarded) return false
    return this.#context.transaction.constraints.mayNeedRestating && !this.#state.hasSetAllConstraints
  }

  /** A commit may have effects besides keeping the work. */
  #hasToCommit(): boolean {
    const { transaction, listeners } = this.#context
    return (
      this.#mayHaveChecks ||
      listeners.size > 0 ||
      this.#state.mayHaveCursors ||
      transaction.mayOpenCursors ||
      !this.#state.pendingSettings.isEmpty
    )
  }

  #keep(isDirect: boolean): void {
    const applied = this.#state.commit(this.#values)
    // On a direct connection, the session's transaction has really ended.
    if (isDirect) this.#route.entered.applied = this.#state.settings
    else this.#context.transaction.applied = applied
    if (this.#notifications.length > 0) this.#context.deliver(this.#session, this.#notifications)
  }

  #refuseWhenBehind(): void {
    const behind = [...this.#context.listeners].find(({ isBehind }) => isBehind)
    if (!behind) return
    throw new SessionError('54000', 'too many notifications in the NOTIFY queue', {
      hint: `A client listens, but takes nothing: ${behind.describe()}`,
    })
  }
}
