/** Finds due times that have passed without a result. */
import type pg from 'pg'
import { isChosen } from './chosen-checks.ts'
import { isAheadOfClock } from './clock-skew.ts'

export interface MissedSlots {
  /** How many queued due times lie between the newest result and now; counted up to 2. */
  planned: number
  /** Up to when slots were planned, or replayed on request. No later slots were added yet. */
  plannedUntil: Date
}

/**
 * Reads this for each active check that has a result, by name.
 * @param names Absent: for all.
 */
export async function readMissedSlots(
  pool: pg.Pool,
  now: Date,
  names?: readonly string[],
): Promise<ReadonlyMap<string, MissedSlots>> {
  const { rows } = await pool.query<MissedSlots & { name: string }>(
    `select name, passed.count as planned, greatest("lastDue", case when not ${isAheadOfClock(newest, '$1')} then ${newest} end) as "plannedUntil"
       from reprise.checks
       -- A changed schedule moves last_due as well: times of the new schedule before the change were never due.
       cross join lateral (
         select max(last_due) as "lastDue" from reprise.seats where check_name = name and active
       ) seat
       cross join lateral (
         select count(*)::integer as count
           from (select due from reprise.slots
                  where check_name = name and kind = 'cron' and due > ${newest} and due <= $1
                  group by due order by due limit 2) due
       ) passed
      where checks.active and last_replay is not null and "lastDue" is not null
        and ${isChosen('name', '$2')}`,
    [now, names],
  )
  return new Map(rows.map(({ name, ...dues }) => [name, dues]))
}

const newest = `(last_replay ->> 'due')::timestamptz`
