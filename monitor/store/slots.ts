/** Puts slots into the queue. */
import type pg from 'pg'
import { openDays } from './days.ts'
import { type Slot, slotColumns } from './slot.ts'
import { inTransaction } from './transaction.ts'
import { wakeForSlots } from './wake.ts'

/** A slot of the schedule, to be replayed, or only recorded as missed. */
export interface PlannedSlot extends Omit<Slot, 'kind'> {
  /** Why nobody replays it any more. */
  missed?: string
}

export interface Planned {
  /** How many of the slots nobody had put in before. */
  added: number
  /** Checks with slots that were closed without a replay, and wait to be judged. */
  closed: string[]
}

/**
 * Puts in slots of the schedule, each once, whoever else does the same. One whose check is being replayed at that
 * location is skipped; one that comes before an older one was started takes its place, and the older one was missed. A
 * time that comes again, since the database's clock was set back, has a slot of its own, a millisecond later; it is not
 * missed a second time.
 */
export async function planSlots(pool: pg.Pool, slots: readonly PlannedSlot[]): Promise<Planned> {
  if (slots.length === 0) return { added: 0, closed: [] }
  const dues = slots.map(({ due }) => due.getTime())
  await openDays(pool, new Date(Math.min(...dues)), new Date(Math.max(...dues)))
  return inTransaction(pool, client => plan(client, slots))
}

/** Has a check replayed now, at each of its locations. Throws for a check that is not monitored. */
export async function requestReplay(pool: pg.Pool, check: string, now: Date): Promise<void> {
  await openDays(pool, now, now)
  const { rowCount } = await pool.query(
    `with notified as (select pg_notify('reprise', 'slots'))
     insert into reprise.slots (check_name, due, location, kind, environment, state)
     select seat.check_name, $2, seat.location, 'manual', checks.environment, 'due'
       from reprise.seats seat join reprise.checks on checks.name = seat.check_name, notified
      where seat.active and checks.active and seat.check_name = $1
     on conflict do nothing`,
    [check, now],
  )
  if (rowCount === 0) throw new Error(`No check ${JSON.stringify(check)} is monitored, so it cannot be replayed.`)
}

async function plan(client: pg.PoolClient, slots: readonly PlannedSlot[]): Promise<Planned> {
  const columns = slotColumns(slots.map(slot => ({ ...slot, kind: 'cron' })))
  // In one order, so that instances which do the same wait for each other instead of blocking each other.
  await client.query(
    `select from reprise.seats
      where (check_name, location) in (select * from unnest($1::text[], $2::text[]))
      order by check_name, location for no key update`,
    [columns[0], columns[2]],
  )
  const added = await client.query<{ check: string; state: string }>(
    `insert into reprise.slots (check_name, due, location, kind, environment, state, reason, judged)
     select check_name, coalesce(own.due, wanted.due), location, kind, checks.environment,
            case when missed is not null then 'missed' when taken_by is not null then 'skipped' else 'due' end,
            case when missed is not null then missed
                 when taken_by is not null then 'the replay that was due at ' ||
                   to_char(taken_by at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"') || ' had not ended' end,
            false
       from unnest($1::text[], $2::timestamptz[], $3::text[], $4::text[], $5::text[])
              as wanted (check_name, due, location, kind, missed)
       join reprise.seats seat using (check_name, location)
       join reprise.checks on checks.name = check_name
       cross join lateral (
         select max(known.due + case when last_due < wanted.due then interval '1 ms' else interval '0' end) as due
           from reprise.slots known join reprise.seats using (check_name, location)
          where check_name = wanted.check_name and kind = 'cron'
            and known.due >= wanted.due and known.due < wanted.due + interval '1 s'
       ) own
      where seat.active and checks.active and (missed is null or own.due is null or own.due = wanted.due)
     on conflict do nothing
     returning check_name as check, state`,
    [...columns, slots.map(({ missed }) => missed ?? null)],
  )
  await client.query(
    `update reprise.seats seat set last_due = greatest(last_due, latest.due)
       from (select check_name, location, max(due) as due
               from unnest($1::text[], $2::timestamptz[], $3::text[]) as wanted (check_name, due, location)
              group by check_name, location) latest
      where (seat.check_name, seat.location) = (latest.check_name, latest.location)`,
    columns.slice(0, 3),
  )
  const overtaken = await client.query<{ check: string }>(
    `update reprise.slots older set state = 'missed', reason = 'nobody had started it before the next one was due'
       from (select check_name, location, max(due) as due
               from unnest($1::text[], $2::timestamptz[], $3::text[], $4::text[])
                      as wanted (check_name, due, location, missed)
              where missed is null group by check_name, location) newer
      where older.state = 'due' and older.kind <> 'manual' and older.due < newer.due and older.due <= clock_timestamp()
        and (older.check_name, older.location) = (newer.check_name, newer.location)
     returning older.check_name as check`,
    [...columns.slice(0, 3), slots.map(({ missed }) => missed ?? null)],
  )
  if (added.rows.some(({ state }) => state === 'due')) await wakeForSlots(client)
  const closed = [...overtaken.rows, ...added.rows.filter(({ state }) => state !== 'due')]
  return { added: added.rowCount ?? 0, closed: [...new Set(closed.map(({ check }) => check))] }
}
