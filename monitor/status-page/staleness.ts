/** Whether the newest result of a check is too old to say how the service is. */
import type { DueTimes } from '../schedule/due-times.ts'
import { createNextDue } from '../schedule/next-due.ts'
import type { PassedDues } from '../store/missed-slots.ts'

export type IsStale = (passed: PassedDues | undefined, times: DueTimes | undefined, now: Date) => boolean

/**
 * Gives what tells that two due times have passed since the newest result: of those that are in the queue and, where
 * nobody plans, of those that the schedule has after the last one in the queue.
 */
export function createStaleness(): IsStale {
  // Each remembers one time of a schedule.
  const [first, second] = [createNextDue(), createNextDue()]
  return (passed, times, now) => {
    if (passed === undefined) return false
    const { planned, plannedUntil } = passed
    if (planned >= 2 || times === undefined) return planned >= 2
    const one = first(times, plannedUntil)
    if (one === undefined || one > now) return false
    const two = planned === 1 ? one : second(times, one)
    return two !== undefined && two <= now
  }
}
