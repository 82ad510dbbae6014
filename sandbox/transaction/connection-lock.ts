/**
 * Grants the shared connection to one session at a time, in FIFO order; a waiter times out while the holder is idle.
 */

type Waiter<T> = {
  who: T
  granted: () => void
  refused: (reason: unknown) => void
  /** The idle time of the holder since this waiter waits for it, in milliseconds. */
  waited: number
}

/**
 * How often idle time is counted, in milliseconds. No more than two such slices count at once: when this process had no
 * processor for longer, the holder may have sent its next statement meanwhile.
 */
const slice = 20

/** How many times its patience a waiter has at most on a busy machine. */
const mostTimes = 5

/**
 * A queue with one holder. Time in which the holder is *idle* (in a transaction, no statement running) counts against
 * each waiter's patience; time in which it works, or in which this process does not run, does not. On a busy machine, where
 * a client needs longer between two statements, the patience is longer.
 */
export class ConnectionLock<T> {
  readonly #patience: number
  readonly #refusal: (waiter: T, holder: T, patience: number) => unknown
  readonly #slowdown: () => number
  /** Changed only by this class. */
  holder: T | undefined
  #waiters: Waiter<T>[] = []
  #isIdle = false
  /** Up to when the holder's idle time is counted; while nothing waits, it is not. */
  #countedUntil = 0
  #isWatching = false

  /**
   * `patience` in milliseconds on a machine that is not busy; `slowdown`: how many times longer work takes now. `refusal`
   * creates the error that a waiter's promise is rejected with, from the patience that it had.
   */
  constructor(
    patience: number,
    refusal: (waiter: T, holder: T, patience: number) => unknown,
    slowdown: () => number = () => 1,
  ) {
    this.#patience = patience
    this.#refusal = refusal
    this.#slowdown = slowdown
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
      this.#count()
      this.#countedUntil = performance.now()
      this.#waiters.push({ who, granted, refused, waited: 0 })
      this.#watch()
    })
  }

  /** Marks the holder idle: it keeps the lock but runs nothing. */
  markIdle(): void {
    if (this.#isIdle) return
    this.#isIdle = true
    if (this.#waiters.length === 0) return
    this.#countedUntil = performance.now()
    this.#watch()
  }

  /** Marks the holder busy again. */
  markBusy(): void {
    this.#count()
    this.#isIdle = false
  }

  /** Releases the lock and grants it to the first waiter. */
  pass(): void {
    this.markBusy()
    const next = this.#waiters.shift()
    this.holder = next?.who
    for (const waiter of this.#waiters) waiter.waited = 0
    next?.granted()
  }

  /** Removes a waiter from the queue and rejects its promise. */
  remove(who: T, reason: unknown): void {
    const waiter = this.#waiters.find(candidate => candidate.who === who)
    if (!waiter) return
    this.#waiters = this.#waiters.filter(candidate => candidate !== waiter)
    waiter.refused(reason)
  }

  /** Refuses the waiters whose patience has ended, while the holder is idle. */
  #watch(): void {
    if (this.#isWatching || !this.#isIdle || this.#waiters.length === 0) return
    this.#isWatching = true
    // After a delay of this process, what the holder has sent is read between the timer and the immediate.
    setTimeout(() => setImmediate(() => this.#refuseExhausted()), slice)
  }

  #refuseExhausted(): void {
    this.#isWatching = false
    const { holder } = this
    if (!this.#isIdle || holder === undefined) return
    this.#count()
    const longest = Math.max(0, ...this.#waiters.map(({ waited }) => waited))
    // The slowdown is measured only when it matters.
    if (longest >= this.#patience) {
      const patience = Math.round(this.#patience * Math.min(this.#slowdown(), mostTimes))
      for (const { who, waited } of [...this.#waiters]) {
        if (waited >= patience) this.remove(who, this.#refusal(who, holder, patience))
      }
    }
    this.#watch()
  }

  /** Counts the idle time of the holder since the last time. */
  #count(): void {
    if (!this.#isIdle || this.#waiters.length === 0) return
    const now = performance.now()
    const idle = Math.min(now - this.#countedUntil, 2 * slice)
    this.#countedUntil = now
    for (const waiter of this.#waiters) waiter.waited += idle
  }
}
