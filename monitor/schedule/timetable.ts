/** Timetable: when each check is due. */
import { type CronSchedule, type DueTimes, dueTimes } from './due-times.ts'

export interface ScheduledCheck extends CronSchedule {
  name: string
  /** Whether the last of the slots missed while no monitor ran is replayed at once. */
  makeUpMissed?: boolean
}

export interface Timetable {
  readonly hasSeconds: boolean
  /** Undefined for a check without a schedule. */
  check(name: string): { times: DueTimes; makeUpMissed: boolean } | undefined
  close(): void
}

/** Throws for a check with an invalid expression or time zone. */
export function timetable(checks: readonly ScheduledCheck[]): Timetable {
  const known = new Map<string, DueTimes>()
  const entries = new Map<string, { times: DueTimes; makeUpMissed: boolean }>()
  const close = () => {
    for (const times of known.values()) times.close()
  }
  try {
    for (const { name, cron, timezone, makeUpMissed = false } of checks) {
      const key = JSON.stringify([cron, timezone])
      const times = known.get(key) ?? dueTimes({ cron, timezone })
      known.set(key, times)
      entries.set(name, { times, makeUpMissed })
    }
  } catch (error) {
    close()
    throw error
  }
  return {
    hasSeconds: [...known.values()].some(({ hasSeconds }) => hasSeconds),
    check: name => entries.get(name),
    close,
  }
}
