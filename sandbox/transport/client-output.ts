/** Gathers what a client is sent, for one write. */

import { Backpressure } from './backpressure.ts'
import { WriteBuffer } from './write-buffer.ts'

/** Where a session's bytes go to and come from. */
export interface ClientPort {
  /** False if the client does not keep up. `drained` of the session is called when it does again. */
  send(bytes: Buffer): boolean
  /** Takes nothing from the client until `resume`. */
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

  /** Nothing waits to be sent. */
  get isEmpty(): boolean {
    return this.#pieces.isEmpty
  }

  /** Holds the bytes back until it is known that they are true: they are sent before what is added next. */
  hold(bytes: Buffer): void {
    this.#release()
    this.#held = Buffer.from(bytes)
  }

  /** What is held is not true. */
  drop(): void {
    this.#held = undefined
  }

  /** `from`, `to`: the part of the bytes that is meant. */
  add(bytes: Buffer, from = 0, to = bytes.length): void {
    if (this.#held) this.#release()
    this.#pieces.add(bytes, from, to)
  }

  /** Sends it before what is held. */
  addAhead(bytes: Buffer): void {
    this.#pieces.add(bytes)
  }

  #release(): void {
    const held = this.#held
    this.#held = undefined
    if (held) this.#pieces.add(held)
  }

  /** Sends what was gathered, and closes the gate if the client does not keep up. */
  flush(): void {
    for (const bytes of this.#pieces.take()) {
      if (!this.#ended && !this.#port.send(bytes)) this.backpressure.close()
    }
  }

  /** Sends nothing any more. */
  end(): void {
    this.#ended = true
    this.backpressure.open()
    this.#port.end()
  }
}
