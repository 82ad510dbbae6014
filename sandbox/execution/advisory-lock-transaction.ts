/**
 * A session's transaction on a dedicated connection, beside the shared one, for its advisory locks. The server grants
 * those to a connection: on the shared one, sessions would never wait for each other's locks.
 */

import type { TransactionStatus } from '../protocol/backend-messages.ts'
import { query } from '../protocol/frontend-messages.ts'
import { SessionError } from '../protocol/pg-error.ts'
import type { ServerConnection } from '../server/server-connection.ts'
import { applySettings, type ServerRoute } from '../server/server-route.ts'
import { identifier } from '../sql/quote.ts'
import type { SessionState } from '../state/session-state.ts'
import { noSettings } from '../state/settings/settings.ts'

export class AdvisoryLockTransaction {
  readonly lane: ServerRoute
  #status: TransactionStatus = 'I'
  /** The number of SET statements of the session's transaction that were repeated here. */
  #repeated = 0
  /** The savepoints of the session's transaction that were set here too, the innermost last. */
  #savepoints: string[] = []

  constructor(upstream: ServerConnection) {
    this.lane = { upstream, applied: noSettings, unnamedOwner: undefined }
  }

  /** Prepares for a statement: applies the session's settings, and begins a transaction if the session is in one. */
  async enter(state: SessionState): Promise<void> {
    const { settings, pendingSettings, transaction } = state
    if (this.#status === 'I' && this.lane.applied !== settings) await applySettings(this.lane, settings)
    if (transaction.status === 'I') return
    await this.followSavepoints(state)
    if (this.#status === 'I') await this.#run('BEGIN')
    const missing = pendingSettings.repeatable.slice(this.#repeated)
    if (missing.length > 0) await this.#run(missing.join('; '))
    this.#repeated = pendingSettings.repeatable.length
  }

  /** Moves the savepoints as the session's transaction has: a ROLLBACK TO releases the locks that were taken since. */
  async followSavepoints(state: SessionState): Promise<void> {
    for (const { kind, name } of state.takeSavepointMoves()) {
      if (this.#status === 'I' || this.lane.upstream.lost) return
      const at = this.#savepoints.lastIndexOf(name)
      if (kind === 'savepoint') this.#savepoints.push(name)
      else if (at !== -1) this.#savepoints.length = kind === 'release' ? at : at + 1
      else {
        // It was set before the first lock was taken, and the others within it.
        this.#savepoints = []
        if (kind === 'rollback to') await this.end('rollback')
        continue
      }
      await this.#run(`${kind === 'savepoint' ? kind : `${kind} savepoint`} ${identifier(name)}`)
      // The SETs since then are undone.
      if (kind === 'rollback to') this.#repeated = 0
    }
  }

  follow(status: TransactionStatus): void {
    this.#status = status
  }

  /** Ends together with the session's transaction; session-level locks are kept. */
  async end(outcome: 'release' | 'rollback'): Promise<void> {
    this.#repeated = 0
    this.#savepoints = []
    if (this.#status !== 'I' && !this.lane.upstream.lost) await this.#run(outcome === 'release' ? 'COMMIT' : 'ROLLBACK')
  }

  async #run(sql: string): Promise<void> {
    this.lane.unnamedOwner = undefined
    const { status, error } = await this.lane.upstream.exchange(query(sql))
    this.#status = status
    if (error) throw SessionError.from(error)
  }
}
