/** What a session has done since it last committed, and how that ends: kept and told to those who listen, or undone. */

import { SessionError } from '../protocol/pg-error.ts'
import type { Run } from '../sql/run-sql.ts'
import type { Notification } from '../state/listen/notifications.ts'
import type { SessionRecord } from '../state/session-state.ts'
import { commit } from './commit-effects.ts'
import type { SessionLane } from './route.ts'
import type { Endpoint } from './session-context.ts'
import type { Client } from './session-handle.ts'

export class SessionWork {
  /** A statement of it has failed; outside a transaction, all of it is undone. */
  hasFailed = false
  readonly #session: Client
  readonly #record: SessionRecord
  readonly #endpoint: Endpoint
  readonly #lane: SessionLane
  #values: ReadonlyMap<string, string | null> | undefined
  #notifications: Notification[] = []
  #hasUndoneSettings = false

  constructor(session: Client, record: SessionRecord, endpoint: Endpoint, lane: SessionLane) {
    this.#session = session
    this.#record = record
    this.#endpoint = endpoint
    this.#lane = lane
  }

  /** Before the client is told ReadyForQuery, nothing is to be done for which the server is needed. */
  get isSettled(): boolean {
    const { told, transaction } = this.#record
    if (this.#hasUndoneSettings || told.mayHavePassed) return false
    return transaction.status !== 'I' || !this.#lane.isGuarded || !this.#hasToCommit()
  }

  /** A commit may have something to do besides keeping the work. */
  #hasToCommit(): boolean {
    const { transaction, listeners } = this.#endpoint
    return transaction.mayHaveChecks || listeners.size > 0 || this.#record.mayHaveCursors || !this.#record.log.isEmpty
  }

  /**
   * Does what a COMMIT does on a server, under the guard, unless the work has failed. Rejects with what the server refuses;
   * all is undone then.
   */
  async commit(run: Run): Promise<void> {
    if (this.hasFailed || !this.#lane.isGuarded || this.#record.transaction.status === 'E') return
    const { transaction, listeners } = this.#endpoint
    const work = { record: this.#record, transaction, heard: listeners.size > 0 }
    try {
      const { values, notifications } = await commit(work, run)
      if (notifications.length > 0) this.#refuseToOverwhelm()
      this.#values = values
      this.#notifications = notifications
    } catch (error) {
      if (!(error instanceof SessionError)) throw error
      this.hasFailed = true
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

  /** The end of its savepoint would change nothing: no setting, cursor or access of a transaction ends with that. */
  #hasLeftRowsOnly(): boolean {
    return !this.#hasToCommit() && this.#record.access === 'read write'
  }

  /**
   * Where the client was told of settings that hold no longer, they end before it is told ReadyForQuery: it is told that, too.
   * Everything else can wait for the next statement.
   */
  async settleSettings(): Promise<void> {
    const { told, transaction } = this.#record
    const { transaction: shared } = this.#endpoint
    if (this.#hasUndoneSettings) {
      this.#hasUndoneSettings = false
      if (this.#lane.holdsTurn && !shared.guarded) await this.#lane.finishGuard()
    }
    if (!told.mayHavePassed || transaction.status !== 'I' || this.#lane.isDirect || !this.#lane.holdsTurn) return
    if (this.#lane.isGuarded) this.end(this.hasFailed ? 'rollback' : 'release')
    // The shared transaction goes on, and what SET LOCAL has set with it.
    if (shared.applied !== this.#record.settings) await this.#lane.applySettings()
  }

  /** The others keep notifications only while somebody listens. */
  followChannels(): void {
    const { listeners } = this.#endpoint
    if (this.#record.channels.mayListen) listeners.add(this.#session)
    else listeners.delete(this.#session)
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
