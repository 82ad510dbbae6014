/** Holds up a sender while the other side does not keep up. */

export class Backpressure {
  /** Nothing more is to be sent until it is opened. */
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

  /** Resolves when it is opened, which may not be for long. */
  opened(): Promise<void> {
    return new Promise(resolve => this.#waiting.push(resolve))
  }
}
