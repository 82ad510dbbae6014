/** Queues the messages of a client until they run. A client that sends more than is held is not read from meanwhile. */

import type { ClientFrame } from '../protocol/frontend-messages.ts'
import type { ClientPort } from './client-output.ts'

/** How many bytes are held, each frame with what it costs besides its bytes. */
const held = 262_144
const costOf = ({ bytes }: ClientFrame): number => bytes.length + 100

export class ClientInput {
  readonly #port: ClientPort
  #frames: ClientFrame[] = []
  #cost = 0
  #isPaused = false

  constructor(port: ClientPort) {
    this.#port = port
  }

  /** The frame that is next. */
  get first(): ClientFrame | undefined {
    return this.#frames[0]
  }

  push(frame: ClientFrame): void {
    this.#frames.push(frame)
    this.#cost += costOf(frame)
    if (this.#cost <= held || this.#isPaused) return
    this.#isPaused = true
    this.#port.pause()
  }

  shift(): ClientFrame | undefined {
    const frame = this.#frames.shift()
    if (frame) this.#cost -= costOf(frame)
    if (this.#isPaused && this.#cost < held / 2) this.#resume()
    return frame
  }

  /** Puts a frame back where it was taken. */
  unshift(frame: ClientFrame): void {
    this.#frames.unshift(frame)
    this.#cost += costOf(frame)
  }

  /** Drops everything; the client is read from, so that it can be seen to go. */
  clear(): void {
    this.#frames = []
    this.#cost = 0
    this.#resume()
  }

  #resume(): void {
    if (!this.#isPaused) return
    this.#isPaused = false
    this.#port.resume()
  }
}
