/**
 * A session's transaction on a dedicated connection, beside the shared one. It holds the session's advisory locks, which the
 * server gives to a connection: on the shared one, no session would ever wait for another's.
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
  /** How many of the statements that set something in the session's transaction were repeated. */
  #repeated = 0

  constructor(upstream: ServerConnection) {
    this.lane = { upstream, applied: noSettings, unnamedOwner: undefined }
  }

  /** Makes ready for a statement: what the session has set holds, and a lock may end with its transaction. */
  async enter({ settings, pendingSettings, transaction }: SessionState): Promise<void> {
    if (this.#status === 'I' && this.lane.applied !== settings) await applySettings(this.lane, settings)
    if (transaction.status === 'I') return
    // What a savepoint has undone, or an error broken, is begun anew.
    if (this.#status === 'E' || this.#repeated > pendingSettings.repeatable.length) await this.end('rollback')
    if (this.#status === 'I') await this.#run('BEGIN')
    const missing = pendingSettings.repeatable.slice(this.#repeated)
    if (missing.length > 0) await this.#run(missing.join('; '))
    this.#repeated = pendingSettings.repeatable.length
  }

  follow(status: TransactionStatus): void {
    this.#status = status
  }

  /** Ends with the session's transaction; locks that were taken for the session stay. */
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
