/** Reads the status of the checks. */
import type pg from 'pg'
import type { MaintenanceSpan } from '../schedule/maintenance.ts'
import { createNextDue } from '../schedule/next-due.ts'
import type { Timetable } from '../schedule/timetable.ts'
import { databaseTime } from '../store/check-locations.ts'
import type { IsInMaintenance } from '../store/check-rules.ts'
import { type CheckState, readStates } from '../store/checks.ts'
import { type ClosedMessages, readClosedMessages } from '../store/closed-messages.ts'
import { readFailingSince } from '../store/failing-since.ts'
import { readExpected } from '../store/heartbeats.ts'
import { readWaitingSlots } from '../store/history.ts'
import { type LocationError, readLocationErrors } from '../store/location-errors.ts'
import { type LostSlots, noneLost, readLostSlots } from '../store/lost-slots.ts'
import { readMissedSlots } from '../store/missed-slots.ts'
import { type OpenIncident, readOpenIncidents } from '../store/open-incidents.ts'
import { readUndeliveredMessages, type UndeliveredMessages } from '../store/undelivered-messages.ts'
import { readVerdicts } from '../store/verdicts.ts'
import { isFailureUnconfirmed } from '../verdict/unconfirmed.ts'
import type { State } from '../verdict/verdict.ts'
import { withOperatorWindows } from './operator-windows.ts'
import { createStaleness } from './staleness.ts'

/** ActiveSchedule: the times of the active configuration. */
export interface ActiveSchedule {
  timetable: Timetable
  isInMaintenance: IsInMaintenance
  /** Returns the occurrences of maintenance windows that are open between two times. */
  maintenanceSpans(after: Date, until: Date): MaintenanceSpan[]
}

/** CheckStatus. During maintenance a check is not stale, not confirming, not in error, and has lost no slots. */
export interface CheckStatus extends Omit<CheckState, 'state'> {
  /** `since` is null during maintenance. */
  state: State | 'maintenance'
  /**
   * In the past: the slot should have started by now. Null: the check has no schedule, or is not due within a month.
   */
  nextDue: Date | null
  /** Two due times have passed since that of the newest result. */
  stale: boolean
  /** Due time of the first failure that is still being confirmed; null if there is none. */
  confirming: Date | null
  /** The last replay, of one location at least, was an error; null if it was not. */
  error: CheckError | null
  slots: LostSlots & {
    /** How many of the last slots in a row had no evidence. */
    unknown: number
  }
}

export interface CheckError {
  /** `not run`: no test was started, such as when specs cannot be loaded; `broken off`: some were. */
  kind: 'not run' | 'broken off'
  /** Where. */
  locations: string[]
}

export interface Overview {
  checks: CheckStatus[]
  undelivered: UndeliveredMessages[]
  unsent: ClosedMessages[]
}

export interface Status extends Overview {
  at: Date
  incidents: OpenIncident[]
}

export interface StatusReader {
  readOverview(): Promise<Overview>
  readStatus(): Promise<Status>
  /**
   * Reads that of one check, at the same cost however many there are. Undefined if it is not configured.
   * @param at The time of the database's clock, if it was read already.
   */
  readCheckStatus(name: string, at?: Date): Promise<CheckStatus | undefined>
}

export function statusReader(pool: pg.Pool, current: () => ActiveSchedule): StatusReader {
  const nextDue = createNextDue()
  const isStale = createStaleness()
  const checksAt = async (now: Date, names?: readonly string[]): Promise<CheckStatus[]> => {
    const dayAgo = new Date(now.getTime() - 24 * 3_600_000)
    const { timetable, ...configured } = current()
    const maintenance = withOperatorWindows(pool, configured, dayAgo)
    const [{ isInMaintenance }, states, waiting, expected, verdicts, missed, lost, errors] = await Promise.all([
      maintenance,
      readStates(pool, names),
      readWaitingSlots(pool, now, names),
      readExpected(pool),
      readVerdicts(pool, names),
      readMissedSlots(pool, now, names),
      maintenance.then(({ maintenanceSpans }) =>
        readLostSlots(pool, dayAgo, now, maintenanceSpans(dayAgo, now), names),
      ),
      readLocationErrors(pool, names),
    ])
    const unconfirmed = [...verdicts].filter(([, { policy, verdict }]) => isFailureUnconfirmed(policy, verdict))
    const failing = await readFailingSince(pool, now, new Map(unconfirmed.map(([name, { policy }]) => [name, policy])))
    return states.map(({ name, state, since, environment, lastReplay }): CheckStatus => {
      const times = timetable.check(name)?.times
      const next = expected.get(name) ?? waiting.get(name) ?? (times && nextDue(times, now)) ?? null
      const known = { name, environment, lastReplay, nextDue: next }
      const unknown = verdicts.get(name)?.verdict.streak.blind ?? 0
      if (isInMaintenance(name, now)) return { ...known, ...inMaintenance, slots: { ...noneLost, unknown } }
      return {
        ...known,
        state,
        since,
        stale: isStale(missed.get(name), times, now),
        confirming: failing.get(name) ?? null,
        error: errorOf(
          lastReplay,
          errors.filter(({ check }) => check === name),
        ),
        slots: { ...(lost.get(name) ?? noneLost), unknown },
      }
    })
  }
  const overviewAt = async (now: Date): Promise<Overview> => {
    const [checks, undelivered, unsent] = await Promise.all([
      checksAt(now),
      readUndeliveredMessages(pool),
      readClosedMessages(pool),
    ])
    return { checks, undelivered, unsent }
  }
  return {
    readOverview: async () => overviewAt(await databaseTime(pool)),
    async readStatus() {
      const at = await databaseTime(pool)
      const [overview, incidents] = await Promise.all([overviewAt(at), readOpenIncidents(pool)])
      return { at, ...overview, incidents }
    },
    async readCheckStatus(name, at) {
      const [status] = await checksAt(at ?? (await databaseTime(pool)), [name])
      return status
    },
  }
}

function errorOf(lastReplay: CheckState['lastReplay'], located: readonly LocationError[]): CheckError | null {
  const last = lastReplay?.outcome === 'error' ? lastReplay : undefined
  const found = last && located.length === 0 ? [{ location: last.location, hasRun: last.durationMs !== null }] : located
  if (found.length === 0) return null
  return {
    kind: found.every(({ hasRun }) => hasRun) ? 'broken off' : 'not run',
    locations: found.map(({ location }) => location),
  }
}

const inMaintenance = { state: 'maintenance', since: null, stale: false, confirming: null, error: null } as const
