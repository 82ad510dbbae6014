/** When a check is due next by its schedule. */
import type { DueTimes } from './due-times.ts'

/** Further ahead nobody looks: a yearly check has no next time for most of the year. */
const farthestMs = 32 * 24 * 3_600_000

/** Answers for many checks again and again, and looks only once at the minutes between two due times. */
export function createNextDue(): (times: DueTimes, after: Date) => Date | undefined {
  const known = new WeakMap<DueTimes, { after: Date; next: Date | undefined; until: Date }>()
  return (times, after) => {
    const last = known.get(times)
    const isKnown = last && last.after <= after && after < (last.next ?? last.until)
    if (isKnown) return last.next
    const next = search(times, after)
    // Where there is none, one may come into sight every hour.
    known.set(times, { after, next, until: new Date(after.getTime() + 3_600_000) })
    return next
  }
}

function search(times: DueTimes, after: Date): Date | undefined {
  let from = after
  for (let maxAheadMs = 3_600_000; from.getTime() < after.getTime() + farthestMs; maxAheadMs *= 2) {
    const to = new Date(after.getTime() + Math.min(maxAheadMs, farthestMs))
    const [next] = times.between(from, to)
    if (next) return next
    from = to
  }
  return undefined
}
