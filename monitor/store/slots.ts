/** Adds slots to the queue. */
import type pg from 'pg'
import { dueSpan, openDays } from './days.ts'
import { type Slot, slotColumns } from './slot.ts'
import { inTransaction } from './transaction.ts'
import { wakeForSlots } from './wake.ts'

/** A slot of the schedule: to be replayed, or only recorded as missed. */
export interface PlannedSlot extends Omit<Slot, 'kind'> {
  /** Why it is recorded as missed, not replayed. */
  missed?: string
}

export interface PlannedSlots {
  /** How many of the slots were not in the table before. */
  added: number
  /** Names of checks with slots that were closed without a replay; to be judged. */
  closed: string[]
}

/**
 * Adds slots of the schedule, each once, also when several instances add the same. A slot is added as skipped while its
 * check is being replayed at that location. Older slots of the check that were not started become missed. A due time that
 * recurs because the database's clock was set back gets a second slot, a millisecond later; it is not recorded as missed twice.
 */
export async function planSlots(pool: pg.Pool, slots: readonly PlannedSlot[]): Promise<PlannedSlots> {
  if (slots.length === 0) return { added: 0, closed: [] }
  await openDays(pool, ...dueSpan(slots.map(({ due }) => due)))
  return inTransaction(pool, client => plan(client, slots))
}

/** Adds a manual slot that is due now at each location of a check. Throws for a check that is not monitored. */
export async function requestReplay(client: pg.Pool | pg.ClientBase, check: string, now: Date): Promise<void> {
  await openDays(client, now, now)
  const { rowCount } = await client.query(
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

async function plan(client: pg.PoolClient, slots: readonly PlannedSlot[]): Promise<PlannedSlots> {
  const columns = slotColumns(slots.map(slot => ({ ...slot, kind: 'cron' })))
  const [first, last] = dueSpan(slots.map(({ due }) => due))
  // Always locked in the same order, so that instances which plan at the same time wait and do not deadlock.
  await client.query(
    `select from reprise.seats
      where (check_name, location) in (select * from unnest($1::text[], $2::text[]))
      order by check_name, location for no key update`,
    [columns[0], columns[2]],
  )
  const added = await client.query<{ check: string; state: string }>(
    `insert into reprise.slots (check_name, due, location, kind, environment, state, reason, judged)
     select check_name, coalesce(recurring.due, wanted.due), location, kind, checks.environment,
            -- The state, and why it is not 'due'.
            case when missed is not null then 'missed' when taken_by is not null then 'skipped' else 'due' end,
            case when missed is not null then missed
                 when taken_by is not null then 'the replay that was due at ' ||
                   to_char(taken_by at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"') || ' had not ended' end,
            false
       from unnest($1::text[], $2::timestamptz[], $3::text[], $4::text[], $5::text[])
              as wanted (check_name, due, location, kind, missed)
       join reprise.seats seat using (check_name, location)
       join reprise.checks on checks.name = check_name
       -- Where the check already has slots of this due time or up to a second later: the newest of them, which is then not
       -- added again, or, if the clock was set back since (last_due is earlier), a millisecond after it.
       cross join lateral (
         select max(known.due + case when last_due < wanted.due then interval '1 ms' else interval '0' end) as due
           from reprise.slots known join reprise.seats using (check_name, location)
          where check_name = wanted.check_name and kind = 'cron'
            and known.due >= wanted.due and known.due < wanted.due + interval '1 s'
            and known.due between $6 and $7
       ) recurring
      where seat.active and checks.active
        -- A missed slot is not recorded a second time.
        and (missed is null or recurring.due is null or recurring.due = wanted.due)
     -- Another instance has added it.
     on conflict do nothing
     returning check_name as check, state`,
    [...columns, slots.map(({ missed }) => missed ?? null), first, new Date(last.getTime() + 1000)],
  )
  // The schedule goes on after the latest of the slots, also if another instance has added them.
  await client.query(
    `update reprise.seats seat set last_due = greatest(last_due, latest.due)
       from (select check_name, location, max(due) as due
               from unnest($1::text[], $2::timestamptz[], $3::text[]) as wanted (check_name, due, location)
              group by check_name, location) latest
      where (seat.check_name, seat.location) = (latest.check_name, latest.location)`,
    columns.slice(0, 3),
  )
  // Slots that are not started when the next one comes due are missed: only the newest is worth a replay. A requested one is
  // missed when it cannot be claimed any more; it is not of the schedule, so that it does not count.
  const overtaken = await client.query<{ check: string }>(
    `update reprise.slots older set state = 'missed', reason = 'it was not started before the next slot was due',
            counted = older.kind = 'manual'
       from (select check_name, location, max(due) as due
               from unnest($1::text[], $2::timestamptz[], $3::text[], $4::text[])
                      as wanted (check_name, due, location, missed)
              where missed is null group by check_name, location) newer
      where older.state = 'due' and older.due < newer.due and older.due <= clock_timestamp()
        and (older.kind <> 'manual' or older.due <= now() - interval '48 hours')
        and (older.check_name, older.location) = (newer.check_name, newer.location)
     returning older.check_name as check`,
    [...columns.slice(0, 3), slots.map(({ missed }) => missed ?? null)],
  )
  if (added.rows.some(({ state }) => state === 'due')) await wakeForSlots(client)
  const closed = [...overtaken.rows, ...added.rows.filter(({ state }) => state !== 'due')]
  return { added: added.rowCount ?? 0, closed: [...new Set(closed.map(({ check }) => check))] }
}
