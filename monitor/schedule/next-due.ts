/** Finds when a check is next due by its schedule. */
import type { DueTimes } from './due-times.ts'

/** How far the search looks ahead: most of the year, a yearly check has no next time. */
const farthestMs = 32 * 24 * 3_600_000

/** Returns a function that can be called often for many checks: it searches the minutes up to a due time only once. */
export function createNextDue(): (times: DueTimes, after: Date) => Date | undefined {
  const known = new WeakMap<DueTimes, { after: Date; next: Date | undefined; until: Date }>()
  return (times, after) => {
    const last = known.get(times)
    const isKnown = last && last.after <= after && after < (last.next ?? last.until)
    if (isKnown) return last.next
    const next = search(times, after)
    // If there is none, searches again after an hour.
    known.set(times, { after, next, until: new Date(after.getTime() + 3_600_000) })
    return next
  }
}

/** Returns the first due time within a year. */
export function firstDueWithinYear(times: DueTimes, after: Date): Date | undefined {
  return search(times, after, yearMs)
}

const yearMs = 366 * 24 * 3_600_000

function search(times: DueTimes, after: Date, withinMs = farthestMs): Date | undefined {
  let from = after
  for (let maxAheadMs = 3_600_000; from.getTime() < after.getTime() + withinMs; maxAheadMs *= 2) {
    const to = new Date(after.getTime() + Math.min(maxAheadMs, withinMs))
    const [next] = times.between(from, to)
    if (next) return next
    from = to
  }
  return undefined
}
