/** Claims slots for an instance, starts their replays, or returns them to the queue. */
import type pg from 'pg'
import { claimQuery } from './claim-query.ts'
import { dueSpan } from './days.ts'
import { deadAfterMs, type Instance } from './instances.ts'
import { type Slot, slotColumns } from './slot.ts'
import { inTransaction } from './transaction.ts'
import { wakeForSlots } from './wake.ts'

/** Slots of one environment and one due time; they become one run. */
export interface Claim {
  environment: string
  slots: Slot[]
}

export interface StartingReplay extends Slot {
  /** A UUID. */
  replay: string
}

/** How long after their due time slots are shared out among instances by capacity. Later any instance takes all it has room for. */
const sharedForMs = 1000

/**
 * Claims the slots of the oldest due time, of one environment at the instance's location: at most `free`, and at first no
 * more than the instance's share. Undefined if no slot is due.
 * @param known Names of the checks in the instance's configuration; default all. Slots of other checks are left to
 * instances with another configuration.
 * @param busy Names of environments in which the instance starts no further run now.
 */
export async function claimDueSlots(
  pool: pg.Pool,
  instance: Instance,
  free: number,
  known?: readonly string[],
  busy: readonly string[] = [],
): Promise<Claim | undefined> {
  if (free <= 0) return undefined
  const { rows } = await pool.query<Slot & { environment: string }>(claimQuery, [
    instance.id,
    instance.location,
    Math.min(free, instance.capacity),
    deadAfterMs,
    sharedForMs,
    instance.capacity,
    known ?? null,
    busy,
  ])
  const [first] = rows
  if (!first) return undefined
  return { environment: first.environment, slots: rows.map(({ environment, ...slot }) => slot) }
}

/**
 * Returns in how many milliseconds the next slot at a location can be claimed; undefined if none is in the queue.
 * @param known As in `claimDueSlots`.
 * @param busy As in `claimDueSlots`.
 */
export async function nextSlotInMs(
  pool: pg.Pool,
  location: string,
  known?: readonly string[],
  busy: readonly string[] = [],
): Promise<number | undefined> {
  const { rows } = await pool.query<{ wait: number | null }>(
    `select (extract(epoch from min(slot.due) - clock_timestamp()) * 1000)::float as wait
       from reprise.slots slot join reprise.seats seat using (check_name, location)
      where slot.state = 'due' and slot.location = $1 and seat.taken_by is null and slot.due > now() - interval '48 hours'
        and ($2::text[] is null or slot.check_name = any($2)) and slot.environment <> all($3::text[])`,
    [location, known ?? null, busy],
  )
  const wait = rows[0]?.wait ?? undefined
  return wait === undefined ? undefined : Math.max(0, wait)
}

/**
 * Records a run and its replays before they start, and returns the replays that may start. The others' slots do not belong
 * to the instance any more, because it was taken for dead. Idempotent for the same ids.
 */
export async function startRun(
  pool: pg.Pool,
  { id: instance, location }: Instance,
  run: { id: string; environment: string },
  replays: readonly StartingReplay[],
): Promise<StartingReplay[]> {
  if (replays.length === 0) return []
  return inTransaction(pool, async client => {
    const columns = slotColumns(replays)
    const { rows } = await client.query<{ replay: string }>(
      `-- The slots that still belong to the instance; when the call is repeated, those that it has started already.
       with started as (
         update reprise.slots slot set state = 'running', run = $6
           from unnest($1::text[], $2::timestamptz[], $3::text[], $4::text[], $5::uuid[])
                  as own (check_name, due, location, kind, replay)
          where (slot.check_name, slot.due, slot.location, slot.kind) = (own.check_name, own.due, own.location, own.kind)
            and slot.due between $8 and $9
            and slot.instance = $7 and (slot.state = 'claimed' or (slot.state = 'running' and slot.run = $6))
         returning own.*
       ),
       -- Their replays, without an outcome yet.
       written as (
         insert into reprise.replays (check_name, due, location, kind, id, run)
         select check_name, due, location, kind, replay, $6 from started
         on conflict do nothing
       )
       select replay from started`,
      [...columns, replays.map(({ replay }) => replay), run.id, instance, ...dueSpan(replays.map(({ due }) => due))],
    )
    if (rows.length === 0) return []
    await client.query(
      `insert into reprise.runs (id, environment, location, instance) values ($1, $2, $3, $4) on conflict do nothing`,
      [run.id, run.environment, location, instance],
    )
    const started = new Set(rows.map(({ replay }) => replay))
    return replays.filter(({ replay }) => started.has(replay))
  })
}

/** Returns an instance's claimed slots that were not started to the queue; for an instance that stops or died. Returns how many. */
export async function handBack(pool: pg.Pool, { id: instance }: Pick<Instance, 'id'>): Promise<number> {
  return inTransaction(pool, async client => {
    await client.query(
      `update reprise.seats seat set taken_by = null
        where (check_name, location, taken_by) in
              (select check_name, location, due from reprise.slots where instance = $1 and state = 'claimed')`,
      [instance],
    )
    const { rowCount } = await client.query(
      `update reprise.slots set state = 'due', instance = null where instance = $1 and state = 'claimed'`,
      [instance],
    )
    await wakeForSlots(client)
    return rowCount ?? 0
  })
}
