/** What a session has done since it last committed, and how that ends: kept and told to those who listen, or undone. */

import type { TransactionStatus } from '../protocol/backend-messages.ts'
import { sync } from '../protocol/frontend-messages.ts'
import { SessionError } from '../protocol/pg-error.ts'
import type { RequestPipeline } from '../server/request-pipeline.ts'
import type { Command } from '../sql/commands/command.ts'
import { Forgetting } from '../state/deallocate-all.ts'
import type { Notification } from '../state/listen/notifications.ts'
import type { SessionRecord } from '../state/session-state.ts'
import { noSettings, statementsToApply } from '../state/settings/settings.ts'
import { commit } from './commit-effects.ts'
import type { SessionLane } from './route.ts'
import type { Endpoint } from './session-context.ts'
import type { Client } from './session-handle.ts'
import { commandPreparedBy, type SqlNames } from './sql-prepared-statements.ts'

/** The parts of a session that have a share in it. */
interface Parts {
  readonly session: Client
  readonly endpoint: Endpoint
  readonly pipeline: RequestPipeline
  readonly record: SessionRecord
  readonly lane: SessionLane
  readonly names: SqlNames
}

export class SessionWork {
  readonly #session: Client
  readonly #record: SessionRecord
  readonly #endpoint: Endpoint
  readonly #pipeline: RequestPipeline
  readonly #lane: SessionLane
  readonly #names: SqlNames
  readonly #forgetting: Forgetting
  #values: ReadonlyMap<string, string | null> | undefined
  #notifications: Notification[] = []
  #hasUndoneSettings = false
  #lastTag = ''
  #discarded = false

  constructor({ session, endpoint, pipeline, record, lane, names }: Parts) {
    this.#session = session
    this.#record = record
    this.#endpoint = endpoint
    this.#pipeline = pipeline
    this.#lane = lane
    this.#names = names
    this.#forgetting = new Forgetting(record.statements)
  }

  /** A statement was sent: what it means for the session's settings and statements. */
  note(command: Command, sql: string): void {
    const executed = this.#record.statements.executedBy(command)
    this.#record.note(executed?.command ?? command, executed?.sql ?? sql)
    // The same text may execute it.
    if (command.kind === 'prepare') this.#record.note(commandPreparedBy(sql), sql)
    const forgets =
      (command.kind === 'deallocate' && command.name === null) || (command.kind === 'discard' && command.what === 'all')
    if (forgets && this.#endpoint.mode === 'direct') this.#forgetting.sent(this.#lane.entered.upstream.prepared)
  }

  /** The server has completed a command with this tag. */
  completed(tag: string): void {
    this.#lastTag = tag
    if (tag === 'PREPARE') this.#names.prepared()
    else if (tag === 'SAVEPOINT' || tag === 'RELEASE' || tag === 'ROLLBACK') this.#record.movedSavepoints()
    if (this.#lane.isDirect) {
      this.#forgetting.completed(tag)
      if (tag === 'DISCARD ALL') this.#discarded = true
      return
    }
    this.#endpoint.transaction.completed(tag)
    this.#record.completed(tag)
  }

  /** The server has refused a statement. */
  failed(): void {
    this.#record.hasFailed = true
    this.#record.failed()
    this.#forgetting.failed()
  }

  /** The server may still refuse what the session has done, where a server would commit it. */
  get mayFailToCommit(): boolean {
    const { transaction } = this.#record
    return transaction.status === 'I' && this.#lane.isGuarded && this.#endpoint.transaction.mayHaveChecks
  }

  /**
   * Before the client sees ReadyForQuery: a series without a Sync is ended, for instance when the Query behind it was
   * answered here; what was done outside a transaction is committed; and settings that a rollback has undone are undone
   * now, since the server reports some of them. Everything else can wait for the next statement.
   * Undefined when nothing of this is to be done. Rejects with a SessionError when the server refuses the commit.
   */
  settle(): Promise<void> | undefined {
    if (!this.#pipeline.inExtendedQuery && this.#isSettled() && !this.#discarded) return undefined
    return this.#settleInTime()
  }

  /** The client is about to see ReadyForQuery: outside a transaction, what it did is kept or undone and others go on. */
  finish(): TransactionStatus {
    const { transaction } = this.#record
    const { status } = transaction
    this.#names.finish()
    if (status === 'I') {
      const undone = this.#record.hasFailed || (this.#lane.isDirect && this.#lastTag === 'ROLLBACK')
      this.end(undone ? 'rollback' : 'release', true)
      transaction.settled()
      this.#lastTag = ''
      this.#lane.leave()
    } else this.#lane.rests()
    this.#record.hasFailed = false
    return status
  }

  /** The session is over: whatever it had open is undone. */
  drop(): void {
    this.#record.transaction.reset()
    this.end('rollback')
    this.#endpoint.listeners.delete(this.#session)
    this.#endpoint.transaction.abandon(this.#record.statements.prefix)
    this.#lane.drop()
  }

  /**
   * Does what a COMMIT does on a server, under the guard, unless the work has failed. Rejects with what the server refuses;
   * all is undone then.
   */
  async commit(): Promise<void> {
    if (this.#record.hasFailed || !this.#lane.isGuarded || this.#record.transaction.status === 'E') return
    const { transaction, listeners } = this.#endpoint
    const work = { record: this.#record, transaction, heard: listeners.size > 0 }
    try {
      const { values, notifications } = await commit(work, sql => this.#lane.run(sql))
      if (notifications.length > 0) this.#refuseToOverwhelm()
      this.#values = values
      this.#notifications = notifications
    } catch (error) {
      if (!(error instanceof SessionError)) throw error
      this.#record.hasFailed = true
      this.#record.transaction.reset()
      this.end('rollback')
      await this.#lane.endBeside('rollback')
      throw error
    }
  }

  /** The work stays, or does not; its guard is closed. `isLone`: it is that of statements outside of a transaction. */
  end(outcome: 'release' | 'rollback', isLone = false): void {
    const { isDirect, isGuarded } = this.#lane
    const isKept = isLone && isGuarded && outcome === 'release' && this.#hasLeftRowsOnly()
    if (isGuarded) this.#hasUndoneSettings = outcome === 'rollback' && !this.#record.log.isEmpty
    if (outcome === 'rollback') this.#record.rollBack()
    else if (isDirect || isGuarded) this.#keep(isDirect)
    // The server has seen none of it.
    else this.#record.channels.commit()
    this.#values = undefined
    this.#notifications = []
    this.followChannels()
    if (isGuarded) this.#endpoint.transaction.closeGuard(isKept ? 'keep' : outcome)
  }

  /** The others keep notifications only while somebody listens. */
  followChannels(): void {
    const { listeners } = this.#endpoint
    if (this.#record.channels.mayListen) listeners.add(this.#session)
    else listeners.delete(this.#session)
  }

  /** Before the client is told ReadyForQuery, nothing is to be done for which the server is needed. */
  #isSettled(): boolean {
    const { told, transaction } = this.#record
    if (this.#hasUndoneSettings || told.mayHavePassed) return false
    return transaction.status !== 'I' || !this.#lane.isGuarded || !this.#hasToCommit()
  }

  async #settleInTime(): Promise<void> {
    if (this.#pipeline.inExtendedQuery) this.#lane.follow(await this.#pipeline.untilReady(sync))
    if (this.#record.transaction.status === 'I') await this.commit()
    await this.#settleSettings()
    if (this.#discarded) await this.#discard()
  }

  /**
   * Where the client was told of settings that hold no longer, they end before it is told ReadyForQuery: it is told that, too.
   * Everything else can wait for the next statement.
   */
  async #settleSettings(): Promise<void> {
    const { told, transaction } = this.#record
    const { transaction: shared } = this.#endpoint
    if (this.#hasUndoneSettings) {
      this.#hasUndoneSettings = false
      if (this.#lane.holdsTurn && !shared.guarded) await this.#lane.finishGuard()
    }
    if (!told.mayHavePassed || transaction.status !== 'I' || this.#lane.isDirect || !this.#lane.holdsTurn) return
    if (this.#lane.isGuarded) this.end(this.#record.hasFailed ? 'rollback' : 'release')
    // The shared transaction goes on, and what SET LOCAL has set with it.
    if (shared.applied !== this.#record.settings) await this.#lane.applySettings()
  }

  // DISCARD ALL on a connection of the session's own, which does not know what the session has begun with.
  async #discard(): Promise<void> {
    this.#discarded = false
    if (this.#record.hasFailed || !this.#lane.isDirect) return
    this.#record.discard()
    const statements = statementsToApply(noSettings, this.#record.settings)
    if (statements.length > 0) await this.#lane.run(statements.join('; '))
  }

  /** A commit may have something to do besides keeping the work. */
  #hasToCommit(): boolean {
    const { transaction, listeners } = this.#endpoint
    return transaction.mayHaveChecks || listeners.size > 0 || this.#record.mayHaveCursors || !this.#record.log.isEmpty
  }

  /** The end of its savepoint would change nothing: no setting, cursor or access of a transaction ends with that. */
  #hasLeftRowsOnly(): boolean {
    return !this.#hasToCommit() && this.#record.access === 'read write'
  }

  #keep(isDirect: boolean): void {
    const applied = this.#record.commit(this.#values)
    // On a connection of its own, a session's transaction has really ended.
    if (isDirect) this.#lane.entered.applied = this.#record.settings
    else this.#endpoint.transaction.applied = applied
    this.#endpoint.deliver(this.#session, this.#notifications)
  }

  #refuseToOverwhelm(): void {
    const behind = [...this.#endpoint.listeners].find(({ isBehind }) => isBehind)
    if (!behind) return
    throw new SessionError('54000', 'too many notifications in the NOTIFY queue', {
      hint: `A client listens, but takes nothing: ${behind.describe()}`,
    })
  }
}
