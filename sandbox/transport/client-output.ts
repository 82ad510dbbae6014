/** Buffers the bytes for a client, so that one write sends them. */

import { Backpressure } from './backpressure.ts'
import { WriteBuffer } from './write-buffer.ts'

/** The client's end of a session's byte stream. */
export interface ClientPort {
  /** Returns false if the client does not keep up; the session's `drained` is called when it does again. */
  send(bytes: Buffer): boolean
  /** Stops reading from the client until `resume`. */
  pause(): void
  resume(): void
  end(): void
}

export class ClientOutput {
  /** Closed while the client does not keep up. */
  readonly backpressure = new Backpressure()
  readonly #port: ClientPort
  readonly #pieces = new WriteBuffer()
  #held: Buffer | undefined
  #ended = false

  constructor(port: ClientPort) {
    this.#port = port
  }

  /** No bytes are buffered. */
  get isEmpty(): boolean {
    return this.#pieces.isEmpty
  }

  /**
   * Holds bytes back until it is certain that the client should get them: the next `add` sends them first, `drop`
   * discards them.
   */
  hold(bytes: Buffer): void {
    this.#release()
    this.#held = Buffer.from(bytes)
  }

  /** Discards the bytes that are held back. */
  drop(): void {
    this.#held = undefined
  }

  /** Adds the bytes in the range `from` to `to`. */
  add(bytes: Buffer, from = 0, to = bytes.length): void {
    if (this.#held) this.#release()
    this.#pieces.add(bytes, from, to)
  }

  /** Adds bytes ahead of those that are held back. */
  addAhead(bytes: Buffer): void {
    this.#pieces.add(bytes)
  }

  #release(): void {
    const held = this.#held
    this.#held = undefined
    if (held) this.#pieces.add(held)
  }

  /** Writes what is buffered; closes `backpressure` if the client does not keep up. */
  flush(): void {
    for (const bytes of this.#pieces.take()) {
      if (!this.#ended && !this.#port.send(bytes)) this.backpressure.close()
    }
  }

  /** Ends the connection; later bytes are discarded. */
  end(): void {
    this.#ended = true
    this.backpressure.open()
    this.#port.end()
  }
}
