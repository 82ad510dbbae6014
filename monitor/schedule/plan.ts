/** Adds all slots that have come due since each check's last one, and records those that were missed. */
import type pg from 'pg'
import { type CheckLocation, readCheckLocations } from '../store/check-locations.ts'
import type { IsInMaintenance } from '../store/check-rules.ts'
import { maxAheadMs } from '../store/clock-skew.ts'
import { judgeClosed } from '../store/judgement.ts'
import { replanAfterSetBack } from '../store/set-back.ts'
import { type PlannedSlot, planSlots } from '../store/slots.ts'
import { utcText } from '../utc-text.ts'
import type { DueTimes } from './due-times.ts'
import { countLongOutage } from './long-outage.ts'
import type { Timetable } from './timetable.ts'

/** A slot that would be added later than this after its due time is missed. */
export const missedAfterMs = 30_000

/** Slots that were missed longer ago are counted, and not recorded one by one. */
const recordedMs = 2 * 86_400_000

export interface PlanningTime {
  /** Slots are added up to this time. */
  until: Date
  /** The time from which the lateness of a slot is computed. */
  now: Date
}

/**
 * Instances use the database's clock, which they share. Their own clocks only trigger the planning, which may be a
 * little early; if they are wrong, slots are late at worst.
 */
export function planningTime(own: Date, database: Date): PlanningTime {
  const early = Math.min(own.getTime(), database.getTime() + missedAfterMs)
  return { until: new Date(Math.max(database.getTime(), early)), now: own < database ? own : database }
}

/**
 * Returns how many slots it has added; instances that plan at the same time add the others. Starts from the last slots
 * in the database, however long no monitor was running.
 * @param onSetBack Called on one of the instances when the database's clock was set back by more than a minute and
 * slots are planned from now on; with a message.
 * @param plannedUntil The time up to which this instance has planned before; absent: it has just started.
 */
export async function planDue(
  pool: pg.Pool,
  timetable: Timetable,
  { until, now }: PlanningTime,
  isInMaintenance: IsInMaintenance,
  onSetBack: (text: string) => void,
  plannedUntil = new Date(0),
): Promise<number> {
  const recordedFrom = new Date(until.getTime() - recordedMs)
  if (plannedUntil < recordedFrom) await countLongOutage(pool, timetable, isInMaintenance, recordedFrom)
  const planned: PlannedSlot[] = []
  const timesSince = rememberTimes(until)
  for (const { check, location, lastDue } of await checkLocationsAt(pool, until, isInMaintenance, onSetBack)) {
    const entry = timetable.check(check)
    if (!entry) continue
    const dues = timesSince(entry.times, lastDue)
    for (const [index, due] of dues.entries()) {
      const isMissed = now.getTime() - due.getTime() > missedAfterMs
      const isMadeUp = entry.makeUpMissed && index === dues.length - 1
      planned.push({ check, due, location, ...(isMissed && !isMadeUp && { missed: 'no monitor was running' }) })
    }
  }
  // Oldest first, so that after an interruption planning continues with the last slot added.
  planned.sort((a, b) => a.due.getTime() - b.due.getTime())
  let added = 0
  for (const batch of batches(planned)) {
    const result = await planSlots(pool, batch)
    await judgeClosed(pool, result.closed, isInMaintenance)
    added += result.added
  }
  return added
}

async function checkLocationsAt(
  pool: pg.Pool,
  until: Date,
  isInMaintenance: IsInMaintenance,
  onSetBack: (text: string) => void,
): Promise<CheckLocation[]> {
  const checkLocations = await readCheckLocations(pool)
  if (!checkLocations.some(({ lastDue }) => lastDue.getTime() > until.getTime() + maxAheadMs)) return checkLocations
  const latest = await replanAfterSetBack(pool, until, isInMaintenance)
  if (latest) {
    onSetBack(
      `The clock of the monitor's database was set back: slots had been planned up to ${utcText(latest)}, and are planned again from ${utcText(until)} on.`,
    )
  }
  return readCheckLocations(pool)
}

/** Memoizes: many checks have the same schedule and the same last slot. */
function rememberTimes(until: Date) {
  const known = new Map<DueTimes, Map<number, Date[]>>()
  const earliest = until.getTime() - recordedMs
  return (times: DueTimes, lastDue: Date): Date[] => {
    const since = Math.max(lastDue.getTime(), earliest)
    const ofSchedule = known.get(times) ?? new Map<number, Date[]>()
    const dues = ofSchedule.get(since) ?? times.between(new Date(since), until)
    known.set(times, ofSchedule.set(since, dues))
    return dues
  }
}

const batchSize = 5000

/** Keeps slots of one due time in one batch, so that they can become one run. */
function batches(slots: readonly PlannedSlot[]): PlannedSlot[][] {
  const made: PlannedSlot[][] = []
  let current: PlannedSlot[] = []
  for (const slot of slots) {
    if (current.length >= batchSize && current.at(-1)?.due.getTime() !== slot.due.getTime()) {
      made.push(current)
      current = []
    }
    current.push(slot)
  }
  return current.length > 0 ? [...made, current] : made
}
