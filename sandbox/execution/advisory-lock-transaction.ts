/**
 * A session's transaction on a dedicated connection, beside the shared one, for its advisory locks. The server grants
 * those to a connection: on the shared one, sessions would never wait for each other's locks.
 */

import type { TransactionStatus } from '../protocol/backend-messages.ts'
import { query } from '../protocol/frontend-messages.ts'
import { SessionError } from '../protocol/pg-error.ts'
import type { ServerConnection } from '../server/server-connection.ts'
import { applySettings, type ServerRoute } from '../server/server-route.ts'
import type { SessionState } from '../state/session-state.ts'
import { noSettings } from '../state/settings/settings.ts'

export class AdvisoryLockTransaction {
  readonly lane: ServerRoute
  #status: TransactionStatus = 'I'
  /** The number of SET statements of the session's transaction that were repeated here. */
  #repeated = 0

  constructor(upstream: ServerConnection) {
    this.lane = { upstream, applied: noSettings, unnamedOwner: undefined }
  }

  /** Prepares for a statement: applies the session's settings, and begins a transaction if the session is in one. */
  async enter({ settings, pendingSettings, transaction }: SessionState): Promise<void> {
    if (this.#status === 'I' && this.lane.applied !== settings) await applySettings(this.lane, settings)
    if (transaction.status === 'I') return
    // After a rollback to a savepoint or an error, begins a new transaction.
    if (this.#status === 'E' || this.#repeated > pendingSettings.repeatable.length) await this.end('rollback')
    if (this.#status === 'I') await this.#run('BEGIN')
    const missing = pendingSettings.repeatable.slice(this.#repeated)
    if (missing.length > 0) await this.#run(missing.join('; '))
    this.#repeated = pendingSettings.repeatable.length
  }

  follow(status: TransactionStatus): void {
    this.#status = status
  }

  /** Ends together with the session's transaction; session-level locks are kept. */
  async end(outcome: 'release' | 'rollback'): Promise<void> {
    this.#repeated = 0
    if (this.#status !== 'I' && !this.lane.upstream.lost) await this.#run(outcome === 'release' ? 'COMMIT' : 'ROLLBACK')
  }

  async #run(sql: string): Promise<void> {
    this.lane.unnamedOwner = undefined
    const { status, error } = await this.lane.upstream.exchange(query(sql))
    this.#status = status
    if (error) throw SessionError.from(error)
  }
}
