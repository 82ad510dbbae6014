/** Windows of maintenance, which begin by the clock. */
import { type CronSchedule, dueTimes } from './due-times.ts'

export interface MaintenanceCron extends CronSchedule {
  lengthMs: number
  /** Absent: all checks. */
  checks?: readonly string[]
}

/** One that is, was or will be open, from its begin to before its end. */
export interface MaintenanceSpan {
  begin: Date
  end: Date
  /** Absent: all checks. */
  checks?: readonly string[]
}

export interface MaintenanceCalendar {
  includes(check: string, at: Date): boolean
  /** Those that are open at any time between two. */
  spans(after: Date, until: Date): MaintenanceSpan[]
  close(): void
}

/** Throws for a window whose expression or time zone is none. */
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
