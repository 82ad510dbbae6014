/** Ends what a session has done since it last committed: kept, with its notifications sent, or undone. */

import type { TransactionStatus } from '../protocol/backend-messages.ts'
import { sync } from '../protocol/frontend-messages.ts'
import { SessionError } from '../protocol/pg-error.ts'
import type { RequestPipeline } from '../server/request-pipeline.ts'
import type { Command } from '../sql/commands/command.ts'
import { DeallocateAll } from '../state/deallocate-all.ts'
import type { Notification } from '../state/listen/notifications.ts'
import type { SessionState } from '../state/session-state.ts'
import { statementsToApply } from '../state/settings/setting-statements.ts'
import { noSettings } from '../state/settings/settings.ts'
import { commit } from './commit-effects.ts'
import type { Route } from './route.ts'
import type { SessionContext } from './session-context.ts'
import type { SessionHandle } from './session-handle.ts'
import { commandPreparedBy, type SqlPreparedStatements } from './sql-prepared-statements.ts'

/** The parts of a session that have a share in it. */
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
  /** The end of its savepoint would change nothing: no setting, cursor or access of a transaction ends with that. */
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

  /** A statement was sent: what it means for the session's settings and statements. */
  note(command: Command, sql: string): void {
    const executed = this.#state.statements.executedBy(command)
    this.#state.note(executed?.command ?? command, executed?.sql ?? sql)
    // The same text may execute it.
    if (command.kind === 'prepare') this.#state.note(commandPreparedBy(sql), sql)
    const forgets =
      (command.kind === 'deallocate' && command.name === null) || (command.kind === 'discard' && command.what === 'all')
    if (forgets && this.#context.mode === 'direct') this.#deallocateAll.sent(this.#route.entered.upstream.prepared)
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
    this.#context.transaction.completed(tag)
    this.#state.completed(tag)
  }

  /** The server has refused a statement. */
  failed(): void {
    this.#state.hasFailed = true
    this.#state.failed()
    this.#deallocateAll.failed()
    this.#sqlStatements.failed()
  }

  /** The server may still refuse what the session has done, where a server would commit it. */
  get mayFailToCommit(): boolean {
    return this.#context.transaction.mayHaveChecks && this.#state.transaction.status === 'I' && this.#route.isGuarded
  }

  /**
   * Before the client sees ReadyForQuery: a batch without a Sync is ended, for instance when the Query behind it was
   * answered here; what was done outside a transaction is committed; and settings that a rollback has undone are undone
   * now, since the server reports some of them. Everything else can wait for the next statement.
   * Undefined when nothing of this is to be done. Rejects with a SessionError when the server refuses the commit.
   */
  settle(): Promise<void> | undefined {
    const { reportedParameters, transaction } = this.#state
    const isGuarded = this.#route.isGuarded
    const hasToCommit = isGuarded && transaction.status === 'I' && this.#hasToCommit()
    this.#leavesRowsOnly = isGuarded && !hasToCommit && this.#state.access === 'read write'
    const isSettled = !hasToCommit && !reportedParameters.mayHaveChanged && !this.#hasUndoneSettings && !this.#discarded
    return isSettled && !this.#pipeline.inExtendedQuery ? undefined : this.#settleInTime()
  }

  /** The client is about to see ReadyForQuery: outside a transaction, what it did is kept or undone and others go on. */
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

  /** The session is over: whatever it had open is undone. */
  drop(): void {
    this.#state.transaction.reset()
    this.end('rollback')
    this.#context.listeners.delete(this.#session)
    this.#context.transaction.abandon(this.#state.statements.prefix)
    this.#route.drop()
  }

  /**
   * Does what a COMMIT does on a server, under the guard, unless the work has failed. Rejects with what the server refuses;
   * all is undone then.
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
      this.#state.hasFailed = true
      this.#state.transaction.reset()
      this.end('rollback')
      await this.#route.endAdvisoryLock('rollback')
      throw error
    }
  }

  /** The work stays, or does not; its guard is closed. `isLone`: it is that of statements outside of a transaction. */
  end(outcome: 'release' | 'rollback', isLone = false): void {
    const { isGuarded, kind } = this.#route
    const isDirect = kind === 'direct'
    const isKept = isLone && isGuarded && outcome === 'release' && this.#leavesRowsOnly
    if (isGuarded) this.#hasUndoneSettings = outcome === 'rollback' && !this.#state.pendingSettings.isEmpty
    if (outcome === 'rollback') this.#state.rollBack()
    else if (isDirect || isGuarded) this.#keep(isDirect)
    // The server has seen none of it.
    else this.#state.channels.commit()
    this.#values = undefined
    this.#notifications = []
    // One that does not listen, and has not begun to, does not listen after the end either.
    if (isDirect || this.#context.listeners.has(this.#session)) this.followChannels()
    if (isGuarded) this.#context.transaction.closeGuard(isKept ? 'keep' : outcome)
  }

  /** The other sessions keep notifications only while one listens. */
  followChannels(): void {
    const { listeners } = this.#context
    if (this.#state.channels.mayListen) listeners.add(this.#session)
    else listeners.delete(this.#session)
  }

  async #settleInTime(): Promise<void> {
    this.#leavesRowsOnly = false
    if (this.#pipeline.inExtendedQuery) this.#route.follow(await this.#pipeline.untilReady(sync))
    if (this.#state.transaction.status === 'I') await this.commit()
    await this.#settleSettings()
    if (this.#discarded) await this.#discard()
  }

  /**
   * Where parameters were reported to the client that hold no longer, the change is made before ReadyForQuery, and reported.
   * Everything else can wait for the next statement.
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
    // The shared transaction goes on, and what SET LOCAL has set with it.
    if (shared.applied !== this.#state.settings) await this.#route.applySettings()
  }

  // DISCARD ALL on a direct connection, which does not know what the session has begun with.
  async #discard(): Promise<void> {
    this.#discarded = false
    if (this.#state.hasFailed || this.#route.kind !== 'direct') return
    this.#state.discard()
    const statements = statementsToApply(noSettings, this.#state.settings)
    if (statements.length > 0) await this.#route.run(statements.join('; '))
  }

  /** A commit may have something to do besides keeping the work. */
  #hasToCommit(): boolean {
    const { transaction, listeners } = this.#context
    return (
      transaction.mayHaveChecks ||
      listeners.size > 0 ||
      this.#state.mayHaveCursors ||
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
