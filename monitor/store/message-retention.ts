/** Removes the messages that are done, after the retention. */
import type pg from 'pg'

/** A message that is written once is remembered for longer, whatever the retention: the text may name a month. */
const onceFor = '92 days'

/**
 * Removes messages that were delivered, closed or given up before a time, and returns their number. Those of open incidents
 * stay: they tell which channels know of it.
 */
export async function removeMessagesBefore(pool: pg.Pool, time: Date): Promise<number> {
  const { rowCount } = await pool.query(
    `delete from reprise.outbox message
      where coalesce(delivered_at, dead_at) < $1
        and (once is null or coalesce(delivered_at, dead_at) < clock_timestamp() - interval '${onceFor}')
        and not exists (select from reprise.incidents where id = message.incident and closed_at is null)`,
    [time],
  )
  return rowCount ?? 0
}
