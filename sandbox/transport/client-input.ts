/** Queues a client's messages until they run, and pauses its socket while the queue is full. */

import type { ClientFrame } from '../protocol/frontend-messages.ts'
import type { ClientPort } from './client-output.ts'

/** The size at which the queue is full, in bytes; each frame counts with an overhead. */
const held = 262_144
const costOf = ({ bytes }: ClientFrame): number => bytes.length + 100

export class ClientInput {
  readonly #port: ClientPort
  #frames: ClientFrame[] = []
  #cost = 0
  #isPaused = false
  /** The rest of a frame that is not in the queue yet has not arrived. */
  isMidFrame = false

  constructor(port: ClientPort) {
    this.#port = port
  }

  /** The next frame, still in the queue. */
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

  /** Puts a frame back at the head of the queue. */
  unshift(frame: ClientFrame): void {
    this.#frames.unshift(frame)
    this.#cost += costOf(frame)
  }

  /** Empties the queue and resumes reading, so that a disconnect is noticed. */
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
