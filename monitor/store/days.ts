/** Daily partitions of slots and replays, created in advance and dropped as a whole. */
import type pg from 'pg'
import { inTransaction } from './transaction.ts'

/**
 * Returns the first and the last of some due times. As constants in a query they spare planning it for the partitions of all
 * days.
 */
export function dueSpan(dues: readonly Date[]): [first: Date, last: Date] {
  const times = dues.map(due => due.getTime())
  return [new Date(Math.min(...times)), new Date(Math.max(...times))]
}

/** Creates the partitions for all due times from `from` to `to`, if they do not exist. */
export async function openDays(client: pg.Pool | pg.ClientBase, from: Date, to: Date): Promise<void> {
  await client.query(
    // Without a time zone: in that of the session, a day may begin at one o'clock.
    `select reprise.open_day(day::date)
       from generate_series(date_trunc('day', $1::timestamptz at time zone 'UTC'), $2::timestamptz at time zone 'UTC',
                            interval '1 day') day`,
    [from, to],
  )
}

/**
 * Drops the partitions of days that ended before a time, and returns the number of days. Rollups, transitions and
 * incidents stay. A partition that is locked by a long read is left for the next call, because other sessions would
 * queue behind the drop.
 */
export async function dropDaysBefore(pool: pg.Pool, time: Date): Promise<number> {
  const { rows } = await pool.query<{ name: string }>(
    `select c.relname as name
       from pg_inherits i join pg_class c on c.oid = i.inhrelid join pg_class p on p.oid = i.inhparent
      where p.relnamespace = 'reprise'::regnamespace and p.relname in ('slots', 'replays')
        and right(c.relname, 8) < $1`,
    [time.toISOString().slice(0, 10).replaceAll('-', '')],
  )
  const dropped = new Set<string>()
  for (const { name } of rows) if (await drop(pool, name)) dropped.add(name.slice(-8))
  await pool.query('delete from reprise.runs where started_at < $1', [time])
  return dropped.size
}

// lock_not_available
const isLocked = '55P03'

async function drop(pool: pg.Pool, name: string): Promise<boolean> {
  try {
    await inTransaction(pool, async client => {
      await client.query(`set local lock_timeout = '2s'`)
      await client.query(`drop table if exists reprise.${name}`)
    })
    return true
  } catch (error) {
    if ((error as pg.DatabaseError).code === isLocked) return false
    throw error
  }
}
