/** Decides whether the newest result of a check is out of date. */
import type { DueTimes } from '../schedule/due-times.ts'
import { createNextDue } from '../schedule/next-due.ts'
import type { MissedSlots } from '../store/missed-slots.ts'

export type IsStale = (missed: MissedSlots | undefined, times: DueTimes | undefined, now: Date) => boolean

/**
 * Returns a function that tests whether two due times have passed since the newest result. Counts those in the queue;
 * where no monitor plans, those of the schedule after the last one in the queue.
 */
export function createStaleness(): IsStale {
  // Each memoizes one time of a schedule.
  const [first, second] = [createNextDue(), createNextDue()]
  return (missed, times, now) => {
    if (missed === undefined) return false
    const { planned, plannedUntil } = missed
    if (planned >= 2 || times === undefined) return planned >= 2
    const one = first(times, plannedUntil)
    if (one === undefined || one > now) return false
    const two = planned === 1 ? one : second(times, one)
    return two !== undefined && two <= now
  }
}
