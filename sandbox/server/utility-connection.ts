/** Asks the server on a connection of the sandbox itself, where no error harms the shared transaction. */

import type { ServerResponse } from './response-reader.ts'
import type { ServerConnection } from './server-connection.ts'

export class UtilityConnection {
  readonly #connect: () => Promise<ServerConnection>
  #upstream: ServerConnection | undefined
  #last: Promise<unknown> = Promise.resolve()

  /** It connects when it is first asked. */
  constructor(connect: () => Promise<ServerConnection>) {
    this.#connect = connect
  }

  /** Sends messages that end in one ReadyForQuery. Rejects if the server cannot be asked. */
  ask(messages: Buffer): Promise<ServerResponse> {
    // One connection takes one question at a time.
    const answer = this.#last.then(() => this.#exchange(messages))
    this.#last = answer.catch(() => undefined)
    return answer
  }

  /** Disconnects; the next question connects again. */
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
