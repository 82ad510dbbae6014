/** Which due times have passed without a result. */
import type pg from 'pg'
import { isAheadOfClock } from './clock-skew.ts'

export interface MissedSlots {
  /** How many due times in the queue lie after the newest result and before now: at most 2 are counted. */
  planned: number
  /** Up to when slots have been put in, or replayed by hand; what was due later nobody has planned yet. */
  plannedUntil: Date
}

/** Of each check that is monitored and has a result, by name. */
export async function readMissedSlots(pool: pg.Pool, now: Date): Promise<ReadonlyMap<string, MissedSlots>> {
  const { rows } = await pool.query<MissedSlots & { name: string }>(
    `select name, passed.count as planned, greatest("lastDue", case when not ${isAheadOfClock(newest, '$1')} then ${newest} end) as "plannedUntil"
       from reprise.checks
       -- A change of the schedule is a last slot as well: earlier times by the new one were never due.
       cross join lateral (
         select max(last_due) as "lastDue" from reprise.seats where check_name = name and active
       ) seat
       cross join lateral (
         select count(*)::integer as count
           from (select due from reprise.slots
                  where check_name = name and kind = 'cron' and due > ${newest} and due <= $1
                  group by due order by due limit 2) due
       ) passed
      where checks.active and last_replay is not null and "lastDue" is not null`,
    [now],
  )
  return new Map(rows.map(({ name, ...dues }) => [name, dues]))
}

const newest = `(last_replay ->> 'due')::timestamptz`
