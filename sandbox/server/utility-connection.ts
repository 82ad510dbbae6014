/** A connection for the sandbox's own queries, where an error does not affect the shared transaction. */

import type { ServerResponse } from './response-reader.ts'
import type { ServerConnection } from './server-connection.ts'

export class UtilityConnection {
  readonly #connect: () => Promise<ServerConnection>
  #upstream: ServerConnection | undefined
  #last: Promise<unknown> = Promise.resolve()

  /** Connects at the first query. */
  constructor(connect: () => Promise<ServerConnection>) {
    this.#connect = connect
  }

  /** Sends messages that end in one ReadyForQuery. Rejects if the connection fails. */
  ask(messages: Buffer): Promise<ServerResponse> {
    // One request at a time.
    const answer = this.#last.then(() => this.#exchange(messages))
    this.#last = answer.catch(() => undefined)
    return answer
  }

  /** Disconnects; the next query connects again. */
  async close(): Promise<void> {
    await this.#last
    await this.#upstream?.end()
    this.#upstream = undefined
  }

  async #exchange(messages: Buffer): Promise<ServerResponse> {
    if (!this.#upstream || this.#upstream.lost) this.#upstream = await this.#connect()
    return await this.#upstream.exchange(messages)
  }
}
