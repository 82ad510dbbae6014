/** Sends requests of the sandbox itself on a session's behalf, each of which has the connection for itself. */

import { parse, query, sync } from '../protocol/frontend-messages.ts'
import type { ServerResponse } from '../server/response-reader.ts'
import type { ServerConnection } from '../server/server-connection.ts'
import type { ServerRoute } from '../server/server-route.ts'
import type { SessionHandle } from './session-handle.ts'

// Not a Query, which would destroy the unnamed statement.
const fault = Buffer.concat([parse('reprise_fault', 'the sandbox has refused a message'), sync])

/** For what may not begin, since the client has gone. */
export const sessionEnded = (): Error => new Error('The session has ended.')

export class InternalRequests {
  readonly #session: SessionHandle
  #exchange: Promise<unknown> | undefined
  /** Where statements run that a client may cancel, such as those of a commit. */
  #running: ServerConnection | undefined

  constructor(session: SessionHandle) {
    this.#session = session
  }

  /** Waits for a request. Rejects if the session has ended meanwhile: nothing may be begun after its end. */
  async exclusively<T>(exchange: Promise<T>): Promise<T> {
    this.#exchange = exchange
    try {
      return await exchange
    } finally {
      this.#exchange = undefined
      this.#stopWhenEnded()
    }
  }

  /** Runs statements that the client may cancel. */
  async run(lane: ServerRoute, sql: string): Promise<ServerResponse> {
    const { upstream } = lane
    lane.unnamedOwner = undefined
    this.#running = upstream
    const exchange = upstream.exchange(query(sql)).finally(() => {
      this.#running = undefined
    })
    const answer = await this.exclusively(exchange)
    // What is written next could be hit.
    await upstream.cancels.underWay
    return answer
  }

  /** Makes the server's transaction fail. */
  fail({ upstream }: ServerRoute): Promise<ServerResponse> {
    return this.exclusively(upstream.exchange(fault))
  }

  /** Cancels what `run` runs. Resolves when nothing later can be hit; undefined if nothing runs. */
  cancel(): Promise<void> | undefined {
    const running = this.#running
    return running?.cancels.send(() => this.#running === running)
  }

  /** Resolves when nothing is under way: what would have to be waited for is cancelled. */
  async stop(): Promise<void> {
    await this.cancel()
    await this.#exchange?.catch(() => undefined)
  }

  #stopWhenEnded(): void {
    if (this.#session.hasEnded) throw sessionEnded()
  }
}
