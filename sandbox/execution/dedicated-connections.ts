/**
 * Opens and closes a session's dedicated connections: in `direct` mode for all its statements, else for advisory locks.
 */

import type { TransactionStatus } from '../protocol/backend-messages.ts'
import { query } from '../protocol/frontend-messages.ts'
import type { ServerConnection } from '../server/server-connection.ts'
import { applySettings, type ServerRoute } from '../server/server-route.ts'
import { identifier } from '../sql/quote.ts'
import type { SessionState } from '../state/session-state.ts'
import { noSettings } from '../state/settings/settings.ts'
import { AdvisoryLockTransaction } from './advisory-lock-transaction.ts'
import { sessionEnded } from './internal-requests.ts'
import type { SessionContext } from './session-context.ts'
import type { SessionHandle } from './session-handle.ts'

export class DedicatedConnections {
  readonly #session: SessionHandle
  readonly #context: SessionContext
  #direct: { url: string; lane: ServerRoute } | undefined
  #advisoryLock: AdvisoryLockTransaction | undefined

  constructor(session: SessionHandle, context: SessionContext) {
    this.#session = session
    this.#context = context
  }

  get areThere(): boolean {
    return this.#direct !== undefined || this.#advisoryLock !== undefined
  }

  /** Some statement has acquired or released an advisory lock. */
  get hasAdvisoryLock(): boolean {
    return this.#advisoryLock !== undefined
  }

  /**
   * The connection to the test's database, with the session's settings and channels. Rejects with the error of the
   * connection.
   */
  async enterDirect(state: SessionState): Promise<ServerRoute> {
    const { url } = this.#context
    if (this.#direct?.url !== url || this.#direct.lane.upstream.lost) {
      if (this.#direct) state.transaction.reset()
      await this.#closeDirect()
      const upstream = await this.#connect(this.#context.connectDirect())
      this.#direct = { url, lane: { upstream, applied: noSettings, unnamedOwner: undefined } }
      const channels = [...state.channels.listened].map(channel => `LISTEN ${identifier(channel)}`)
      if (channels.length > 0) await upstream.exchange(query(channels.join('; ')))
    }
    const { lane } = this.#direct
    if (lane.applied !== state.settings && state.transaction.status === 'I') {
      await applySettings(lane, state.settings)
    }
    return lane
  }

  /** The connection for advisory locks, in a transaction if the session is in one. */
  async enterAdvisoryLock(state: SessionState): Promise<ServerRoute> {
    if (!this.#advisoryLock || this.#advisoryLock.lane.upstream.lost) {
      this.#advisoryLock = new AdvisoryLockTransaction(await this.#connect(this.#context.connectAdvisoryLock()))
    }
    await this.#advisoryLock.enter(state)
    return this.#advisoryLock.lane
  }

  /** Moves the savepoints of the advisory-lock transaction as those of the session's transaction have moved. */
  async followSavepoints(state: SessionState): Promise<void> {
    await this.#advisoryLock?.followSavepoints(state)
  }

  followAdvisoryLock(status: TransactionStatus): void {
    this.#advisoryLock?.follow(status)
  }

  /** Ends the advisory-lock transaction after the session's transaction has ended. */
  async endAdvisoryLock(outcome: 'release' | 'rollback'): Promise<void> {
    await this.#advisoryLock?.end(outcome)
  }

  /** Disconnects with Terminate; later statements connect again. */
  async close(): Promise<void> {
    await this.#closeDirect()
    await this.closeAdvisoryLock()
  }

  async closeAdvisoryLock(): Promise<void> {
    const advisoryLock = this.#advisoryLock
    this.#advisoryLock = undefined
    await advisoryLock?.lane.upstream.end()
  }

  /** Disconnects at once. */
  drop(): void {
    this.#direct?.lane.upstream.close()
    this.#direct = undefined
    this.#advisoryLock?.lane.upstream.close()
    this.#advisoryLock = undefined
  }

  async #closeDirect(): Promise<void> {
    const direct = this.#direct
    this.#direct = undefined
    await direct?.lane.upstream.end()
  }

  async #connect(connecting: Promise<ServerConnection>): Promise<ServerConnection> {
    const upstream = await connecting
    if (this.#session.hasEnded) {
      upstream.close()
      throw sessionEnded()
    }
    // As on a server: when the transaction is lost, the session must not continue outside of it.
    upstream.onLost = reason => void this.#session.terminate(this.#context.lost(reason))
    return upstream
  }
}
