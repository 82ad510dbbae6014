/** Instances: the processes of the monitor, each with a heartbeat. */
import { randomUUID } from 'node:crypto'
import type pg from 'pg'

export interface Instance {
  readonly id: string
  /** The location from which it replays. */
  readonly location: string
  /** How many replays it may run at one time. */
  readonly capacity: number
  /** It creates no alerts of failures. */
  readonly isMuted?: boolean
}

/** After this time without a heartbeat an instance is dead. */
export const deadAfterMs = 20_000

/**
 * Returns an SQL condition: the instance had no heartbeat for `$2` milliseconds. A heartbeat that far in the future was
 * written before the database's clock was set back.
 */
export const isSilent = (instance: string) =>
  `abs(extract(epoch from clock_timestamp() - ${instance}.heartbeat_at)) * 1000 > $2`

/** Registers a new instance. */
export async function enter(pool: pg.Pool, place: Omit<Instance, 'id'>): Promise<Instance> {
  const instance = { id: randomUUID(), ...place }
  await pool.query('insert into reprise.instances (id, location, capacity, muted) values ($1, $2, $3, $4)', [
    instance.id,
    instance.location,
    instance.capacity,
    instance.isMuted ?? false,
  ])
  return instance
}

/**
 * Writes the instance's heartbeat; to be called several times within `deadAfterMs`. Returns false if the others have
 * taken it for dead: then it must register again, and its claimed slots are no longer its own.
 */
export async function beat(pool: pg.Pool, { id }: Instance): Promise<boolean> {
  // A gap in the own heartbeat may be an outage of the database, which the others had as well: they get the same time
  // to return.
  const { rowCount } = await pool.query(
    `update reprise.instances
        set heartbeat_at = clock_timestamp(),
            alive_since = case when ${isSilent('instances')} then clock_timestamp() else alive_since end
      where id = $1`,
    [id, deadAfterMs],
  )
  return rowCount === 1
}

/** Counts the live instances. */
export async function countLiving(pool: pg.Pool): Promise<number> {
  const { rows } = await pool.query<{ count: number }>(
    `select count(*)::integer as count from reprise.instances
      where heartbeat_at > clock_timestamp() - $1 * interval '1 ms'`,
    [deadAfterMs],
  )
  return rows[0]?.count ?? 0
}

/** Removes an instance that stops. Other instances close the replays that it has not ended. */
export async function leave(pool: pg.Pool, { id }: Instance): Promise<void> {
  await pool.query('delete from reprise.instances where id = $1', [id])
}
