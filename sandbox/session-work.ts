/** What a session has done since it last committed, and how that ends: kept and told to those who listen, or undone. */
import { commit, type Run } from './commit.ts'
import type { Endpoint } from './endpoint.ts'
import type { Lane } from './lane.ts'
import type { Notification } from './notifications.ts'
import type { Session } from './session.ts'
import type { SessionRecord } from './session-record.ts'

export class SessionWork {
  readonly #session: Session
  readonly #record: SessionRecord
  readonly #endpoint: Endpoint
  #values: ReadonlyMap<string, string | null> | undefined
  #notifications: Notification[] = []

  constructor(session: Session, record: SessionRecord, endpoint: Endpoint) {
    this.#session = session
    this.#record = record
    this.#endpoint = endpoint
  }

  /** It has changed settings. */
  get hasSettings(): boolean {
    return !this.#record.log.isEmpty
  }

  /** A commit may have something to do besides keeping the work. */
  get hasToCommit(): boolean {
    const { transaction, listeners } = this.#endpoint
    return transaction.mayHaveChecks || listeners.size > 0 || this.#record.mayHaveCursors || this.hasSettings
  }

  /** Does what a COMMIT does on a server, under the guard. Rejects with what the server refuses. */
  async commit(run: Run): Promise<void> {
    const { transaction, listeners } = this.#endpoint
    const work = { record: this.#record, transaction, heard: listeners.size > 0 }
    const { values, notifications } = await commit(work, run)
    this.#values = values
    this.#notifications = notifications
  }

  /** `lane`: where the work was done; undefined if the server has seen none of it. */
  end(outcome: 'release' | 'rollback', lane: Lane | undefined): void {
    if (outcome === 'rollback') this.#record.rollBack()
    else if (!lane) this.#record.channels.commit()
    else {
      lane.applied = this.#record.commit(this.#values)
      this.#endpoint.deliver(this.#session, this.#notifications)
    }
    this.#values = undefined
    this.#notifications = []
    this.followChannels()
  }

  /** The others keep notifications only while somebody listens. */
  followChannels(): void {
    const { listeners } = this.#endpoint
    if (this.#record.channels.mayListen) listeners.add(this.#session)
    else listeners.delete(this.#session)
  }
}
