/** Puts in all slots that have come due since each check's last one, and records those that were missed. */
import type pg from 'pg'
import { type CheckLocation, readCheckLocations } from '../store/check-locations.ts'
import type { IsInMaintenance } from '../store/check-rules.ts'
import { maxAheadMs } from '../store/clock-skew.ts'
import { judgeClosed } from '../store/judgement.ts'
import { replanAfterSetBack } from '../store/set-back.ts'
import { type PlannedSlot, planSlots } from '../store/slots.ts'
import { utcText } from '../utc-text.ts'
import type { DueTimes } from './due-times.ts'
import type { Timetable } from './timetable.ts'

/** A slot that is put in later than that was missed. */
export const missedAfterMs = 30_000

/** Slots that were missed longer ago are not recorded one by one, nor judged. */
const forgottenAfterMs = 2 * 86_400_000

export interface PlanningTime {
  /** Up to which time slots are put in. */
  until: Date
  /** From which it is told how late a slot is. */
  now: Date
}

/**
 * Instances go by the database's time, which is one for all. Their own gives the beat, which may come a little early; if
 * their clocks are wrong, or are set, slots come late at worst.
 */
export function planningTime(own: Date, database: Date): PlanningTime {
  const early = Math.min(own.getTime(), database.getTime() + missedAfterMs)
  return { until: new Date(Math.max(database.getTime(), early)), now: own < database ? own : database }
}

/**
 * Answers how many slots it has put in; another instance that plans at the same time has put in the rest. It starts from
 * the last slots in the database, so that it makes no difference how long nobody has planned.
 * @param onSetBack The database's clock was set back by more than a minute, so that slots come from now on; with a text
 * that says so, to one of the instances.
 */
export async function planDue(
  pool: pg.Pool,
  timetable: Timetable,
  { until, now }: PlanningTime,
  isInMaintenance: IsInMaintenance,
  onSetBack: (text: string) => void,
): Promise<number> {
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
  // Oldest first, so that what comes after an interruption starts from the last that was put in.
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
      `The clock of the monitor's database was set back: slots had been put in up to ${utcText(latest)}, and come again from ${utcText(until)} on.`,
    )
  }
  return readCheckLocations(pool)
}

/** Many checks have the same schedule and the same last slot. */
function rememberTimes(until: Date) {
  const known = new Map<DueTimes, Map<number, Date[]>>()
  const earliest = until.getTime() - forgottenAfterMs
  return (times: DueTimes, lastDue: Date): Date[] => {
    const since = Math.max(lastDue.getTime(), earliest)
    const ofSchedule = known.get(times) ?? new Map<number, Date[]>()
    const dues = ofSchedule.get(since) ?? times.between(new Date(since), until)
    known.set(times, ofSchedule.set(since, dues))
    return dues
  }
}

const batchSize = 5000

/** Those that are due at one moment stay together, so that they can become one run. */
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
