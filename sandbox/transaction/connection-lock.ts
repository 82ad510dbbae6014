/**
 * Grants the shared connection to one session at a time, in FIFO order; a waiter times out while the holder is idle.
 */

type Waiter<T> = {
  who: T
  granted: () => void
  refused: (reason: unknown) => void
  /** The idle time of the holder that this waiter still tolerates, in milliseconds. */
  patience: number
  timer: NodeJS.Timeout | undefined
}

/**
 * A queue with one holder. Time in which the holder is *idle* (in a transaction, no statement running) counts against
 * each waiter's patience; time in which it works does not.
 */
export class ConnectionLock<T> {
  readonly #patience: number
  readonly #refusal: (waiter: T, holder: T) => unknown
  /** Changed only by this class. */
  holder: T | undefined
  #waiters: Waiter<T>[] = []
  #idleSince: number | undefined

  /** `patience` in milliseconds; `refusal` creates the error that a waiter's promise is rejected with. */
  constructor(patience: number, refusal: (waiter: T, holder: T) => unknown) {
    this.#patience = patience
    this.#refusal = refusal
  }

  isWaiting(who: T): boolean {
    return this.#waiters.some(waiter => waiter.who === who)
  }

  /** Takes the lock at once and returns undefined, or returns a promise of it. Marks a current holder busy. */
  take(who: T): Promise<void> | undefined {
    if (this.holder === undefined) {
      this.holder = who
      return undefined
    }
    if (this.holder === who) {
      this.markBusy()
      return undefined
    }
    return new Promise((granted, refused) => {
      const waiter: Waiter<T> = { who, granted, refused, patience: this.#patience, timer: undefined }
      this.#waiters.push(waiter)
      if (this.#idleSince !== undefined) this.#arm(waiter)
    })
  }

  /** Marks the holder idle: it keeps the lock but runs nothing. */
  markIdle(): void {
    if (this.#idleSince !== undefined) return
    this.#idleSince = performance.now()
    for (const waiter of this.#waiters) this.#arm(waiter)
  }

  /** Marks the holder busy again. */
  markBusy(): void {
    if (this.#idleSince === undefined) return
    const idle = performance.now() - this.#idleSince
    this.#idleSince = undefined
    for (const waiter of this.#waiters) {
      clearTimeout(waiter.timer)
      waiter.patience -= idle
    }
  }

  /** Releases the lock and grants it to the first waiter. */
  pass(): void {
    this.markBusy()
    const next = this.#waiters.shift()
    this.holder = next?.who
    for (const waiter of this.#waiters) waiter.patience = this.#patience
    next?.granted()
  }

  /** Removes a waiter from the queue and rejects its promise. */
  remove(who: T, reason: unknown): void {
    const waiter = this.#waiters.find(candidate => candidate.who === who)
    if (!waiter) return
    clearTimeout(waiter.timer)
    this.#waiters = this.#waiters.filter(candidate => candidate !== waiter)
    waiter.refused(reason)
  }

  #arm(waiter: Waiter<T>): void {
    waiter.timer = setTimeout(
      () => {
        if (this.holder !== undefined) this.remove(waiter.who, this.#refusal(waiter.who, this.holder))
      },
      Math.max(0, waiter.patience),
    )
  }
}
