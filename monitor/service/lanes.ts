/** Limits how many runs of one environment there are at one time: a few, and some more while all of those stand still. */

export interface LaneLimits {
  /** So many at one time, whatever they do. */
  usual: number
  /** So many while none of the others goes on. */
  most: number
  /** For so long, in milliseconds, a run that stands still has begun and ended no test. */
  stillMs: number
}

/** The place of one run. */
export interface Lane {
  /** The run goes on: it has begun, or a test of it has ended. */
  goesOn(): void
  leave(): void
}

interface Occupied {
  environment: string
  /** When it has last gone on. */
  at: number
}

export class Lanes {
  readonly #occupied = new Set<Occupied>()
  readonly #limits: LaneLimits
  readonly #now: () => number

  constructor(limits: LaneLimits, now: () => number = Date.now) {
    this.#limits = limits
    this.#now = now
  }

  enter(environment: string): Lane {
    const occupied = { environment, at: this.#now() }
    this.#occupied.add(occupied)
    return {
      goesOn: () => {
        occupied.at = this.#now()
      },
      leave: () => {
        this.#occupied.delete(occupied)
      },
    }
  }

  /** The environments that have no room for another run. */
  full(): string[] {
    return this.#environments().filter(name => this.#roomInMs(name) > 0)
  }

  /** In how many milliseconds one of these has room, if none of its runs goes on; undefined: not before a run ends. */
  nextRoomInMs(): number | undefined {
    const next = Math.min(...this.full().map(name => this.#roomInMs(name)))
    return Number.isFinite(next) ? next : undefined
  }

  #environments(): string[] {
    return [...new Set([...this.#occupied].map(({ environment }) => environment))]
  }

  #roomInMs(name: string): number {
    const { usual, most, stillMs } = this.#limits
    const runs = [...this.#occupied].filter(({ environment }) => environment === name)
    if (runs.length < usual) return 0
    if (runs.length >= most) return Number.POSITIVE_INFINITY
    return Math.max(0, ...runs.map(({ at }) => at + stillMs - this.#now()))
  }
}
