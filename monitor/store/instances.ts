/** The processes that monitor, each with a heartbeat. */
import { randomUUID } from 'node:crypto'
import type pg from 'pg'

export interface Instance {
  readonly id: string
  /** Where it stands. */
  readonly location: string
  /** How many replays it may have at one time. */
  readonly capacity: number
}

/** After so long without a heartbeat an instance counts as dead. */
export const deadAfterMs = 20_000

/**
 * Whether nothing was heard of an instance for `$2` milliseconds, in SQL. A heartbeat that lies so far ahead is from before
 * the database's clock was set back.
 */
export const isSilent = (instance: string) =>
  `abs(extract(epoch from clock_timestamp() - ${instance}.heartbeat_at)) * 1000 > $2`

/** Enters a new instance. */
export async function enter(pool: pg.Pool, place: Omit<Instance, 'id'>): Promise<Instance> {
  const instance = { id: randomUUID(), ...place }
  await pool.query('insert into reprise.instances (id, location, capacity) values ($1, $2, $3)', [
    instance.id,
    instance.location,
    instance.capacity,
  ])
  return instance
}

/**
 * Says that an instance lives; several times within `deadAfterMs`. False: the others took it for dead, so that it has to
 * enter anew; what it has not started is no longer its own.
 */
export async function beat(pool: pg.Pool, { id }: Instance): Promise<boolean> {
  // After a gap nobody could beat, perhaps because the database was away: the others get the same time to come back.
  const { rowCount } = await pool.query(
    `update reprise.instances
        set heartbeat_at = clock_timestamp(),
            alive_since = case when ${isSilent('instances')} then clock_timestamp() else alive_since end
      where id = $1`,
    [id, deadAfterMs],
  )
  return rowCount === 1
}

/** How many instances live. */
export async function countLiving(pool: pg.Pool): Promise<number> {
  const { rows } = await pool.query<{ count: number }>(
    `select count(*)::integer as count from reprise.instances
      where heartbeat_at > clock_timestamp() - $1 * interval '1 ms'`,
    [deadAfterMs],
  )
  return rows[0]?.count ?? 0
}

/** Says that an instance has stopped. What it has started and not ended is closed by the others. */
export async function leave(pool: pg.Pool, { id }: Instance): Promise<void> {
  await pool.query('delete from reprise.instances where id = $1', [id])
}
