/** Gives the shared connection to one session at a time: first come, first served; a wait behind a holder that does nothing ends. */

type Waiter<T> = {
  who: T
  granted: () => void
  refused: (reason: unknown) => void
  /** Milliseconds of an idle holder that this waiter still bears. */
  patience: number
  timer: NodeJS.Timeout | undefined
}

/**
 * A queue with one holder. The time in which the holder is *idle* (in a transaction, with no statement running) counts
 * against each waiter's patience; time in which it works does not.
 */
export class ConnectionLock<T> {
  readonly #patience: number
  readonly #refusal: (waiter: T, holder: T) => unknown
  /** Only the lock itself changes it. */
  holder: T | undefined
  #waiters: Waiter<T>[] = []
  #idleSince: number | undefined

  /** `patience` in milliseconds; `refusal` makes what a waiter is rejected with. */
  constructor(patience: number, refusal: (waiter: T, holder: T) => unknown) {
    this.#patience = patience
    this.#refusal = refusal
  }

  isWaiting(who: T): boolean {
    return this.#waiters.some(waiter => waiter.who === who)
  }

  /** Takes the lock at once (`undefined`), or promises it. Whoever holds it already is busy again. */
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

  /** The holder does nothing from now on, though it keeps the lock. */
  markIdle(): void {
    if (this.#idleSince !== undefined) return
    this.#idleSince = performance.now()
    for (const waiter of this.#waiters) this.#arm(waiter)
  }

  /** The holder works again. */
  markBusy(): void {
    if (this.#idleSince === undefined) return
    const idle = performance.now() - this.#idleSince
    this.#idleSince = undefined
    for (const waiter of this.#waiters) {
      clearTimeout(waiter.timer)
      waiter.patience -= idle
    }
  }

  /** The holder is done: the first waiter is next. */
  pass(): void {
    this.markBusy()
    const next = this.#waiters.shift()
    this.holder = next?.who
    for (const waiter of this.#waiters) waiter.patience = this.#patience
    next?.granted()
  }

  /** Takes a waiter out of the queue and rejects its promise. */
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
