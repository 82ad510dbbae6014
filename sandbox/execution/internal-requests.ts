/** Sends the sandbox's own requests for a session, each with exclusive use of the connection. */

import { parse, query, sync } from '../protocol/frontend-messages.ts'
import type { ServerResponse } from '../server/response-reader.ts'
import type { ServerConnection } from '../server/server-connection.ts'
import type { ServerRoute } from '../server/server-route.ts'
import type { SessionHandle } from './session-handle.ts'

// Not a Query, which would destroy the unnamed statement.
const fault = Buffer.concat([parse('reprise_fault', 'the sandbox has refused a message'), sync])

/** The error of an operation that must not start because the client has disconnected. */
export const sessionEnded = (): Error => new Error('The session has ended.')

export class InternalRequests {
  readonly #session: SessionHandle
  #exchange: Promise<unknown> | undefined
  /** The connection that runs cancellable statements, such as those of a commit. */
  #running: ServerConnection | undefined

  constructor(session: SessionHandle) {
    this.#session = session
  }

  /** Waits for a request. Rejects if the session has ended in the meantime, so that nothing starts after its end. */
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
    // A pending cancel request could hit the next request.
    await upstream.cancels.underWay
    return answer
  }

  /** Puts the server's transaction into the failed state. */
  fail({ upstream }: ServerRoute): Promise<ServerResponse> {
    return this.exclusively(upstream.exchange(fault))
  }

  /**
   * Cancels the statements of `run`. Resolves when the request cannot hit a later statement; undefined if none runs.
   */
  cancel(): Promise<void> | undefined {
    const running = this.#running
    return running?.cancels.send(() => this.#running === running)
  }

  /** Cancels the current request and resolves when it has ended. */
  async stop(): Promise<void> {
    await this.cancel()
    await this.#exchange?.catch(() => undefined)
  }

  #stopWhenEnded(): void {
    if (this.#session.hasEnded) throw sessionEnded()
  }
}
