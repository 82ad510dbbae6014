/** Limits the concurrent runs of one environment: a few, and some more while all of those hang. */

export interface QuotaLimits {
  /** Most concurrent runs, whatever they do. */
  usual: number
  /** Most concurrent runs while all others hang. */
  most: number
  /** A run hangs if it has neither begun nor ended a test for so many milliseconds. */
  stillMs: number
}

/** A run that counts in the quota. */
export interface AdmittedRun {
  /** To be called when the run has begun, and when a test of it has ended. */
  goesOn(): void
  end(): void
}

interface Admitted {
  environment: string
  /** When it began, or a test of it last ended. */
  at: number
}

export class RunQuota {
  readonly #admitted = new Set<Admitted>()
  readonly #limits: QuotaLimits
  readonly #now: () => number

  constructor(limits: QuotaLimits, now: () => number = Date.now) {
    this.#limits = limits
    this.#now = now
  }

  admit(environment: string): AdmittedRun {
    const run = { environment, at: this.#now() }
    this.#admitted.add(run)
    return {
      goesOn: () => {
        run.at = this.#now()
      },
      end: () => {
        this.#admitted.delete(run)
      },
    }
  }

  /** Returns the environments that have no room for another run. */
  full(): string[] {
    return this.#environments().filter(name => this.#roomInMs(name) > 0)
  }

  /** Returns in how many milliseconds one of these has room if its runs hang; undefined if not before a run ends. */
  nextRoomInMs(): number | undefined {
    const next = Math.min(...this.full().map(name => this.#roomInMs(name)))
    return Number.isFinite(next) ? next : undefined
  }

  #environments(): string[] {
    return [...new Set([...this.#admitted].map(({ environment }) => environment))]
  }

  #roomInMs(name: string): number {
    const { usual, most, stillMs } = this.#limits
    const runs = [...this.#admitted].filter(({ environment }) => environment === name)
    if (runs.length < usual) return 0
    if (runs.length >= most) return Number.POSITIVE_INFINITY
    return Math.max(0, ...runs.map(({ at }) => at + stillMs - this.#now()))
  }
}
