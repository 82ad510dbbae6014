/** OverdueRuns: reports runs that have not ended some time after their limit, although they are stopped then. */
import type { OperationEvents } from './operations.ts'

/** In milliseconds, of Node. */
const longestTimer = 2 ** 31 - 1

export class OverdueRuns {
  readonly #afterMs: number
  readonly #events: OperationEvents
  readonly #overdue = new Set<symbol>()

  /**
   * @param afterMs How long after its limit a run is reported: until then its report is written and what it left is removed.
   * @param events `onDone`: none is left.
   */
  constructor(afterMs: number, events: OperationEvents) {
    this.#afterMs = afterMs
    this.#events = events
  }

  /** A run has begun. Returns the function for its end. @param what Names it. @param limitMs In which it has to end. */
  begin(what: string, limitMs: number): () => void {
    const run = Symbol(what)
    const withinMs = Math.min(limitMs + this.#afterMs, longestTimer)
    const timer = setTimeout(() => {
      this.#overdue.add(run)
      this.#events.onError(
        new Error(
          `${what} has not ended within ${Math.round(withinMs / 60_000)} min: restart this monitor if its processes do not end either.`,
        ),
      )
    }, withinMs)
    return () => {
      clearTimeout(timer)
      if (this.#overdue.delete(run) && this.#overdue.size === 0) this.#events.onDone()
    }
  }
}
