/** Counts the slots that came due in an outage of all monitors, before those that are recorded one by one. */
import { setImmediate as otherWork } from 'node:timers/promises'
import type pg from 'pg'
import { type CheckLocation, readCheckLocations } from '../store/check-locations.ts'
import type { IsInMaintenance } from '../store/check-rules.ts'
import { isInWindow, readWindows } from '../store/maintenance-windows.ts'
import { countOutage, type OutageCount } from '../store/outage-counts.ts'
import type { DueTimes } from './due-times.ts'
import type { Timetable } from './timetable.ts'

const [hourMs, dayMs] = [3_600_000, 86_400_000]

/** As long as the pages look back: by day and, for the last week, by hour. */
const longest = { day: 90 * dayMs, hour: 8 * dayMs }

interface Overdue extends CheckLocation {
  times: DueTimes
  counts: Map<string, OutageCount>
}

/**
 * Counts those after each check location's last slot, up to `end`, each once for all instances. Those of more than 90 days
 * ago are left out.
 */
export async function countLongOutage(
  pool: pg.Pool,
  timetable: Timetable,
  isInMaintenance: IsInMaintenance,
  end: Date,
): Promise<void> {
  const overdue = (await readCheckLocations(pool)).flatMap((place): Overdue[] => {
    const times = timetable.check(place.check)?.times
    return times && place.lastDue < end ? [{ ...place, times, counts: new Map() }] : []
  })
  const first = Math.min(...overdue.map(({ lastDue }) => lastDue.getTime()))
  const begin = Math.max(first, end.getTime() - longest.day)
  const windows = overdue.length > 0 ? await readWindows(pool, new Date(begin)) : []
  const isQuiet = (check: string, due: Date) => isInMaintenance(check, due) || isInWindow(windows, check, due)
  const bySchedule = new Map<DueTimes, Overdue[]>()
  for (const place of overdue) bySchedule.set(place.times, [...(bySchedule.get(place.times) ?? []), place])
  for (let from = begin; from < end.getTime(); from += hourMs) {
    const until = new Date(Math.min(from + hourMs, end.getTime()))
    for (const [times, places] of bySchedule) {
      for (const due of times.between(new Date(from), until)) countAt(due, places, isQuiet, end)
    }
    // Replays go on, and heartbeats.
    await otherWork()
  }
  for (const { counts, ...place } of overdue) {
    if (counts.size > 0) await countOutage(pool, place, [...counts.values()], end)
  }
}

function countAt(due: Date, places: readonly Overdue[], isQuiet: (check: string, due: Date) => boolean, end: Date) {
  for (const { check, lastDue, counts } of places) {
    if (due <= lastDue) continue
    const kind = isQuiet(check, due) ? 'maintenance' : 'missed'
    for (const [period, ms] of [['day', dayMs] as const, ['hour', hourMs] as const]) {
      if (due.getTime() <= end.getTime() - longest[period]) continue
      const start = Math.floor(due.getTime() / ms) * ms
      const key = `${period} ${start}`
      const count = counts.get(key) ?? { period, start, missed: 0, maintenance: 0 }
      count[kind]++
      counts.set(key, count)
    }
  }
}
