/** Blocks a sender while the receiver does not keep up (back-pressure). */

export class Backpressure {
  /** While closed, nothing may be sent. */
  isClosed = false
  #waiting: Array<() => void> = []

  close(): void {
    this.isClosed = true
  }

  open(): void {
    this.isClosed = false
    const waiting = this.#waiting
    this.#waiting = []
    for (const go of waiting) go()
  }

  /** Resolves at the next `open`; it may be closed again soon after. */
  opened(): Promise<void> {
    return new Promise(resolve => this.#waiting.push(resolve))
  }
}
