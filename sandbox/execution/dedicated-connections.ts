/** The connections that one session has for itself: in `direct` mode for all that it does, else for its advisory locks. */

import type { TransactionStatus } from '../protocol/backend-messages.ts'
import { query } from '../protocol/frontend-messages.ts'
import type { ServerConnection } from '../server/server-connection.ts'
import { applySettings, type Lane } from '../server/server-route.ts'
import { identifier } from '../sql/quote.ts'
import type { SessionState } from '../state/session-state.ts'
import { noSettings } from '../state/settings/settings.ts'
import { AdvisoryLockTransaction } from './advisory-lock-transaction.ts'
import type { SessionContext } from './session-context.ts'
import type { SessionHandle } from './session-handle.ts'

export class DedicatedConnections {
  readonly #session: SessionHandle
  readonly #context: SessionContext
  #direct: { url: string; lane: Lane } | undefined
  #side: AdvisoryLockTransaction | undefined

  constructor(session: SessionHandle, context: SessionContext) {
    this.#session = session
    this.#context = context
  }

  isDirect(lane: Lane | undefined): boolean {
    return lane !== undefined && lane === this.#direct?.lane
  }

  isBeside(lane: Lane | undefined): boolean {
    return lane !== undefined && lane === this.#side?.lane
  }

  get areThere(): boolean {
    return this.#direct !== undefined || this.#side !== undefined
  }

  /** Some statement has run beside the shared transaction. */
  get hasSide(): boolean {
    return this.#side !== undefined
  }

  /** The way to the database of the test, where what the session is holds. Rejects with what connecting throws. */
  async enterDirect(state: SessionState): Promise<Lane> {
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

  /** The way beside the shared transaction, in a transaction of its own where the session is in one. */
  async enterBeside(state: SessionState): Promise<Lane> {
    if (!this.#side || this.#side.lane.upstream.lost) {
      this.#side = new AdvisoryLockTransaction(await this.#connect(this.#context.connectBeside()))
    }
    await this.#side.enter(state)
    return this.#side.lane
  }

  followSide(status: TransactionStatus): void {
    this.#side?.follow(status)
  }

  /** The session's transaction has ended, and the one beside it has to. */
  async endSide(outcome: 'release' | 'rollback'): Promise<void> {
    await this.#side?.end(outcome)
  }

  /** Disconnects in order; what is needed later connects again. */
  async close(): Promise<void> {
    await this.#closeDirect()
    await this.closeSide()
  }

  async closeSide(): Promise<void> {
    const side = this.#side
    this.#side = undefined
    await side?.lane.upstream.end()
  }

  /** Disconnects at once. */
  drop(): void {
    this.#direct?.lane.upstream.close()
    this.#direct = undefined
    this.#side?.lane.upstream.close()
    this.#side = undefined
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
      throw new Error('The session has ended.')
    }
    // As a server would: a session whose transaction is gone must not go on outside of it.
    upstream.onLost = reason => void this.#session.terminate(this.#context.lost(reason))
    return upstream
  }
}
