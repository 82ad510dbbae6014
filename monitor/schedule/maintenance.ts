/** Windows of maintenance, which begin by a cron expression. */
import { type CronSchedule, dueTimes } from './due-times.ts'

export interface MaintenanceCron extends CronSchedule {
  lengthMs: number
  /** Names of checks; absent: all checks. */
  checks?: readonly string[]
}

/** One occurrence of a window, from its begin to before its end. */
export interface MaintenanceSpan {
  begin: Date
  end: Date
  /** Names of checks; absent: all checks. */
  checks?: readonly string[]
}

export interface MaintenanceCalendar {
  includes(check: string, at: Date): boolean
  /** Returns the occurrences that are open at any time between the two. */
  spans(after: Date, until: Date): MaintenanceSpan[]
  close(): void
}

/** Throws for a window with an invalid expression or time zone. */
export function maintenance(windows: readonly MaintenanceCron[]): MaintenanceCalendar {
  const begins = windows.map(window => ({ ...window, times: dueTimes(window) }))
  // Many checks are due at the same time.
  const known = new Map<number, typeof begins>()
  const openAt = (at: Date) => {
    const open =
      known.get(at.getTime()) ??
      begins.filter(({ lengthMs, times }) => times.between(new Date(at.getTime() - lengthMs), at).length > 0)
    if (known.size >= 1000) known.clear()
    known.set(at.getTime(), open)
    return open
  }
  return {
    includes: (check, at) => openAt(at).some(({ checks }) => checks?.includes(check) ?? true),
    spans: (after, until) =>
      begins.flatMap(({ lengthMs, times, checks }) =>
        times.between(new Date(after.getTime() - lengthMs), until).map(begin => ({
          begin,
          end: new Date(begin.getTime() + lengthMs),
          ...(checks && { checks }),
        })),
      ),
    close: () => {
      for (const { times } of begins) times.close()
    },
  }
}
