/**
 * LeakPauses: growing pauses between attempts to remove what could not be removed, so that permanent leaks cost little.
 */
import type { Intent } from '../../environment/ledger/entry.ts'
import type { Ending } from '../../environment/ledger/finish.ts'

/** In milliseconds; each pause is twice the one before. The first is shorter than the interval of sweeps. */
const [firstMs, longestMs] = [50_000, 6 * 3_600_000]

export class LeakPauses {
  readonly #pauses = new Map<string, { ms: number; until: number }>()
  readonly #now: () => number

  constructor(now: () => number = Date.now) {
    this.#now = now
  }

  isDue({ id }: Intent): boolean {
    return (this.#pauses.get(id)?.until ?? 0) <= this.#now()
  }

  ended({ id }: Intent, ending: Ending): void {
    if (ending.as !== 'unresolved' || ending.isEarly) {
      this.#pauses.delete(id)
      return
    }
    const ms = Math.min(longestMs, 2 * (this.#pauses.get(id)?.ms ?? firstMs / 2))
    this.#pauses.set(id, { ms, until: this.#now() + ms })
  }
}
