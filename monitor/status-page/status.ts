/** What is known of the checks now. */
import type pg from 'pg'
import { createNextDue } from '../schedule/next-due.ts'
import type { Timetable } from '../schedule/timetable.ts'
import type { IsInMaintenance } from '../store/check-rules.ts'
import { type CheckState, readStates } from '../store/checks.ts'
import { type EndedReplay, readLastReplays, readWaitingSlots } from '../store/history.ts'
import { type OpenIncident, readOpenIncidents } from '../store/open-incidents.ts'
import { databaseTime } from '../store/seats.ts'
import { readUptimes, type Span, type Uptime } from '../store/uptime.ts'
import type { State } from '../verdict/verdict.ts'

/** What the configuration in force says of time. */
export interface InForce {
  timetable: Timetable
  isInMaintenance: IsInMaintenance
}

export interface CheckStatus extends Omit<CheckState, 'state'> {
  /** `since` is null during maintenance. */
  state: State | 'maintenance'
  /** In the past: it should have started by now. Null: not by its schedule, or not within a month. */
  nextDue: Date | null
}

export interface Status {
  at: Date
  checks: CheckStatus[]
  incidents: OpenIncident[]
  uptimes: ReadonlyMap<string, Record<Span, Uptime>>
  replays: ReadonlyMap<string, EndedReplay[]>
}

export interface StatusReader {
  readChecks(): Promise<CheckStatus[]>
  readStatus(): Promise<Status>
}

/** @param replays How many of the last ones are read for each check. */
export function statusReader(pool: pg.Pool, current: () => InForce, replays: number): StatusReader {
  const nextDue = createNextDue()
  const checksAt = async (now: Date): Promise<CheckStatus[]> => {
    const { timetable, isInMaintenance } = current()
    const [states, waiting] = await Promise.all([readStates(pool), readWaitingSlots(pool)])
    return states.map(({ name, state, since, environment, lastReplay }) => {
      const times = timetable.check(name)?.times
      const next = waiting.get(name) ?? (times && nextDue(times, now)) ?? null
      const inMaintenance = isInMaintenance(name, now)
      return {
        name,
        state: inMaintenance ? 'maintenance' : state,
        since: inMaintenance ? null : since,
        environment,
        lastReplay,
        nextDue: next,
      }
    })
  }
  return {
    readChecks: async () => checksAt(await databaseTime(pool)),
    async readStatus() {
      const at = await databaseTime(pool)
      const [checks, incidents, uptimes, lastReplays] = await Promise.all([
        checksAt(at),
        readOpenIncidents(pool),
        readUptimes(pool, at),
        readLastReplays(pool, replays),
      ])
      return { at, checks, incidents, uptimes, replays: lastReplays }
    },
  }
}
