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

/** Most checks have a newer result, or two later due times. */
const usualMs = 2 * 86_400_000

/**
 * Reads this for each active check that has a result, by name.
 * @param names Absent: for all.
 */
export async function readMissedSlots(
  pool: pg.Pool,
  now: Date,
  names?: readonly string[],
): Promise<ReadonlyMap<string, MissedSlots>> {
  const recent = await readSlotsSince(pool, new Date(now.getTime() - usualMs), now, names)
  const unread = recent.flatMap(({ name, unreadAfter }) => (unreadAfter === null ? [] : [{ name, unreadAfter }]))
  const older = unread.length === 0 ? [] : await readSlotsSince(pool, earliest(unread), now, namesOf(unread))
  return new Map([...recent, ...older].map(({ name, planned, plannedUntil }) => [name, { planned, plannedUntil }]))
}

const earliest = (unread: readonly { unreadAfter: Date }[]) =>
  new Date(Math.min(...unread.map(({ unreadAfter }) => unreadAfter.getTime())))

const namesOf = (unread: readonly { name: string }[]) => unread.map(({ name }) => name)

interface CountedSlots extends MissedSlots {
  name: string
  /** Due time of the newest result, if slots between it and `since` can be missing; null: none is, or two were found. */
  unreadAfter: Date | null
}

/** @param since Slots up to then are not counted: a constant spares planning the query for the partitions of all days. */
async function readSlotsSince(
  pool: pg.Pool,
  since: Date,
  now: Date,
  names: readonly string[] | undefined,
): Promise<CountedSlots[]> {
  const { rows } = await pool.query<CountedSlots>(
    `select name, passed.count as planned, greatest("lastDue", case when not ${isAheadOfClock(newest, '$1')} then ${newest} end) as "plannedUntil",
            case when passed.count < 2 and ${newest} < least($3, "lastDue") then ${newest} end as "unreadAfter"
       from reprise.checks
       -- A changed schedule moves last_due as well: times of the new schedule before the change were never due.
       cross join lateral (
         select max(last_due) as "lastDue" from reprise.seats where check_name = name and active
       ) seat
       cross join lateral (
         select count(*)::integer as count
           from (select due from reprise.slots
                  -- Of most checks the newest result is that of the last slot: no slot is looked for then.
                  where ${newest} < "lastDue" and check_name = name and kind = 'cron'
                    and due > ${newest} and due > $3 and due <= $1
                  group by due order by due limit 2) due
       ) passed
      where checks.active and last_replay is not null and "lastDue" is not null
        and ${isChosen('name', '$2')}`,
    [now, names, since],
  )
  return rows
}

const newest = `(last_replay ->> 'due')::timestamptz`
