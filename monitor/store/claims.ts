/** Takes slots out of the queue: claimed by one instance, then started, or handed back. */
import type pg from 'pg'
import { deadAfterMs, type Instance } from './instances.ts'
import { type Slot, slotColumns } from './slot.ts'
import { inTransaction } from './transaction.ts'
import { wakeForSlots } from './wake.ts'

/** Slots of one environment that were due at one moment: they become one run. */
export interface Claim {
  environment: string
  slots: Slot[]
}

export interface StartingReplay extends Slot {
  /** A UUID. */
  replay: string
}

/** For so long after its due time a slot is divided among the instances by capacity; then whoever is free takes it. */
const dividedForMs = 1000

/**
 * Claims what is due at the oldest moment, for one environment at the instance's location, at most `free` slots. While
 * the moment is fresh it takes no more than its share, so that the others have theirs. Those whose last replay is the
 * longest ago come first, so that each has its turn also where there is too little room. Undefined: nothing is due.
 * @param known The names of the checks that the instance can replay; by default all. Others are for an instance with
 * another configuration, or for this one as soon as that is in force.
 * @param busy The names of the environments for which the instance has no room now.
 */
export async function claimDueSlots(
  pool: pg.Pool,
  instance: Instance,
  free: number,
  known?: readonly string[],
  busy: readonly string[] = [],
): Promise<Claim | undefined> {
  if (free <= 0) return undefined
  const { rows } = await pool.query<Slot & { environment: string }>(claimSql, [
    instance.id,
    instance.location,
    Math.min(free, instance.capacity),
    deadAfterMs,
    dividedForMs,
    instance.capacity,
    known ?? null,
    busy,
  ])
  const [first] = rows
  if (!first) return undefined
  return { environment: first.environment, slots: rows.map(({ environment, ...slot }) => slot) }
}

const claimSql = `
  with head as materialized (
    select slot.environment, slot.due, slot.kind
      from reprise.slots slot join reprise.seats seat using (check_name, location)
     where slot.state = 'due' and slot.location = $2 and seat.taken_by is null
       and slot.due <= clock_timestamp() and slot.due > now() - interval '2 days'
       and ($7::text[] is null or slot.check_name = any($7))
       and slot.environment <> all($8::text[])
       and exists (select from reprise.instances where id = $1)
     order by slot.due limit 1
       for no key update of slot, seat skip locked
  ), share as (
    select case when head.due < clock_timestamp() - $5 * interval '1 ms' then $3::integer
                else least($3::integer, ceil(moment.slots * $6::numeric / greatest($6, living.capacity)) - moment.mine)::integer
           end as size
      from head,
      lateral (select count(*) as slots, count(*) filter (where instance = $1) as mine from reprise.slots
                where (due, environment, kind, location) = (head.due, head.environment, head.kind, $2)
                  and state in ('due', 'claimed', 'running', 'done')) moment,
      lateral (select coalesce(sum(capacity), 0) as capacity from reprise.instances
                where location = $2 and heartbeat_at > clock_timestamp() - $4 * interval '1 ms') living
  ), taken as materialized (
    select slot.check_name, slot.due, slot.location, slot.kind
      from head
      join reprise.slots slot on (slot.due, slot.environment, slot.kind) = (head.due, head.environment, head.kind)
      join reprise.seats seat on (seat.check_name, seat.location) = (slot.check_name, slot.location)
      join reprise.checks on checks.name = slot.check_name
     where slot.state = 'due' and slot.location = $2 and seat.taken_by is null
       and ($7::text[] is null or slot.check_name = any($7))
     order by checks.last_replay ->> 'due' nulls first, slot.check_name
     limit greatest(0, (select size from share))
       for no key update of slot, seat skip locked
  ), seated as (
    update reprise.seats seat set taken_by = taken.due from taken
     where (seat.check_name, seat.location) = (taken.check_name, taken.location)
  )
  update reprise.slots slot set state = 'claimed', instance = $1 from taken
   where (slot.check_name, slot.due, slot.location, slot.kind)
       = (taken.check_name, taken.due, taken.location, taken.kind)
  returning slot.check_name as check, slot.due, slot.location, slot.kind, slot.environment`

/**
 * In how many milliseconds a slot can be claimed at a location; undefined when none waits that anybody could claim.
 * @param known As there.
 * @param busy As there.
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
      where slot.state = 'due' and slot.location = $1 and seat.taken_by is null and slot.due > now() - interval '2 days'
        and ($2::text[] is null or slot.check_name = any($2)) and slot.environment <> all($3::text[])`,
    [location, known ?? null, busy],
  )
  const wait = rows[0]?.wait ?? undefined
  return wait === undefined ? undefined : Math.max(0, wait)
}

/**
 * Writes a run and its replays down before they start, and answers those that may: the others are no longer the
 * instance's own. May be repeated with the same ids when nobody knows whether it arrived.
 */
export async function startRun(
  pool: pg.Pool,
  { id: instance, location }: Instance,
  run: { id: string; environment: string },
  replays: readonly StartingReplay[],
): Promise<StartingReplay[]> {
  return inTransaction(pool, async client => {
    const columns = slotColumns(replays)
    const { rows } = await client.query<{ replay: string }>(
      `with started as (
         update reprise.slots slot set state = 'running', run = $6
           from unnest($1::text[], $2::timestamptz[], $3::text[], $4::text[], $5::uuid[])
                  as own (check_name, due, location, kind, replay)
          where (slot.check_name, slot.due, slot.location, slot.kind) = (own.check_name, own.due, own.location, own.kind)
            and slot.instance = $7 and (slot.state = 'claimed' or (slot.state = 'running' and slot.run = $6))
         returning own.*
       ), written as (
         insert into reprise.replays (check_name, due, location, kind, id, run)
         select check_name, due, location, kind, replay, $6 from started
         on conflict do nothing
       )
       select replay from started`,
      [...columns, replays.map(({ replay }) => replay), run.id, instance],
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

/** Gives claimed slots back that were not started, such as those of an instance that stops. */
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
