/** When a cron expression is due in a time zone, also on the days when clocks are changed. */
import { createTask, parse } from 'node-cron'
import { type TimeZone, timeZone } from './time-zone.ts'

export interface CronSchedule {
  /** Of five fields, or six with seconds first, or `@hourly` and the like. */
  cron: string
  /** Such as `Europe/Berlin`. */
  timezone: string
}

export interface DueTimes {
  /** Whether it may be due at other times than at full minutes. */
  readonly hasSeconds: boolean
  /** All times in `(after, until]`, oldest first. */
  between(after: Date, until: Date): Date[]
  /** Has node-cron forget it. */
  close(): void
}

/**
 * Times that clocks leave out in spring are made up for, as long after the change as they would have been after it; those
 * that come twice in autumn count twice, except for an expression that names a time of day rather than an interval.
 * Throws for an expression or a time zone that is none.
 */
export function dueTimes({ cron, timezone }: CronSchedule): DueTimes {
  const { second, minute, hour } = fieldsOf(cron)
  const zone = zoneOf(timezone, cron)
  // Asked for wall clock times only, which it takes for UTC: so it meets no change of clocks.
  const wallClocks = alternatives(cron).map(one => createTask(one, () => undefined, { timezone: 'UTC' }))
  const minutes = new Set(minute)
  // node-cron formats the date each time; most minutes are ruled out without that.
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
  // So long after the change, the clocks show what they have left out, or show again, so long before it.
  const isWithin = zone.offsetAt(time - Math.abs(change)) === before
  if (change > 0) return matches || (isWithin && isDueAt(time + before))
  return matches && !(isTimeOfDay && isWithin)
}

/**
 * The expressions of which one has to match: where a day of the month and a day of the week are given, as POSIX has it,
 * either of them will do, while node-cron wants both. A field that begins with `*` gives none.
 */
function alternatives(cron: string): string[] {
  const fields = cron.trim().split(/\s+/)
  const month = fields.at(-2) ?? ''
  const [dayOfMonth = '*', dayOfWeek = '*'] = [fields.at(-3), fields.at(-1)]
  if (fields.length < 5 || [dayOfMonth, dayOfWeek].some(field => /^[*?]/.test(field))) return [cron]
  const time = fields.slice(0, -3)
  return [
    [...time, dayOfMonth, month, '*'],
    [...time, '*', month, dayOfWeek],
  ].map(each => each.join(' '))
}

function fieldsOf(cron: string) {
  try {
    return parse(cron)
  } catch (error) {
    throw new Error(
      `${JSON.stringify(cron)} is no cron expression: ${(error as Error).message}. Write five fields, such as "*/5 * * * *".`,
      { cause: error },
    )
  }
}

function zoneOf(name: string, cron: string): TimeZone {
  try {
    return timeZone(name)
  } catch (error) {
    throw new Error(
      `The schedule ${JSON.stringify(cron)} has the time zone ${JSON.stringify(name)}, which is none. Write one such as "Europe/Berlin".`,
      { cause: error },
    )
  }
}
