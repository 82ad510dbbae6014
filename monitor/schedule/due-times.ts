/** Computes when a cron expression is due in a time zone, also on days of a clock change. */
import { createTask } from 'node-cron'
import { readCronExpression } from '../cron-expression.ts'
import { type TimeZone, timeZone } from '../time-zone.ts'

export interface CronSchedule {
  /** Five fields, or six with seconds first, or `@hourly` and the like. */
  cron: string
  /** Such as `Europe/Berlin`. */
  timezone: string
}

export interface DueTimes {
  /** Whether it can be due at other times than full minutes. */
  readonly hasSeconds: boolean
  /** Returns all times in `(after, until]`, oldest first. */
  between(after: Date, until: Date): Date[]
  /** Frees the tasks of node-cron. */
  close(): void
}

/**
 * Times that a clock change in spring leaves out are due as long after the change as they would have been. Times that
 * occur twice in autumn are due twice, unless the expression names a time of day and not an interval. Throws for an
 * invalid expression or time zone.
 */
export function dueTimes({ cron, timezone }: CronSchedule): DueTimes {
  const { fields, alternatives } = expressionOf(cron)
  const { second, minute, hour } = fields
  const zone = zoneOf(timezone, cron)
  // Only matched against wall clock times, passed as UTC, which has no clock changes.
  const wallClocks = alternatives.map(one => createTask(one, () => undefined, { timezone: 'UTC' }))
  const minutes = new Set(minute)
  // node-cron formats a date for each match, so most minutes are excluded without it.
  const matches = (time: number) =>
    minutes.has(new Date(time).getUTCMinutes()) && wallClocks.some(clock => clock.match(new Date(time)))
  const isTimeOfDay = hour.length < 24 && minute.length * second.length === 1
  const seconds = [...second].sort((a, b) => a - b)
  return {
    hasSeconds: seconds.some(value => value !== 0),
    between(after, until) {
      const times: Date[] = []
      for (let start = Math.floor(after.getTime() / 60_000) * 60_000; start <= until.getTime(); start += 60_000) {
        for (const value of seconds) {
          const time = start + value * 1000
          if (time <= after.getTime() || time > until.getTime()) continue
          if (isDue(matches, zone, isTimeOfDay, time)) times.push(new Date(time))
        }
      }
      return times
    },
    close: () => {
      for (const clock of wallClocks) clock.destroy()
    },
  }
}

const hourMs = 3_600_000

function isDue(isDueAt: (wallTime: number) => boolean, zone: TimeZone, isTimeOfDay: boolean, time: number): boolean {
  const offset = zone.offsetAt(time)
  const before = zone.offsetAt(time - hourMs)
  const change = offset - before
  const matches = isDueAt(time + offset)
  if (change === 0) return matches
  // For as long after the change as it skips or repeats, the wall clock time before the change has to be checked too.
  const isWithin = zone.offsetAt(time - Math.abs(change)) === before
  if (change > 0) return matches || (isWithin && isDueAt(time + before))
  return matches && !(isTimeOfDay && isWithin)
}

function expressionOf(cron: string) {
  try {
    return readCronExpression(cron)
  } catch (error) {
    throw new Error(
      `${JSON.stringify(cron)} is not a cron expression: ${(error as Error).message}. Write five fields, such as "*/5 * * * *".`,
      { cause: error },
    )
  }
}

function zoneOf(name: string, cron: string): TimeZone {
  try {
    return timeZone(name)
  } catch (error) {
    throw new Error(
      `The schedule ${JSON.stringify(cron)} has an unknown time zone, ${JSON.stringify(name)}. Write one such as "Europe/Berlin".`,
      { cause: error },
    )
  }
}
