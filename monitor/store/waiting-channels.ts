/** Lists the channels with undelivered messages. */
import type pg from 'pg'

export async function readWaitingChannels(pool: pg.Pool): Promise<string[]> {
  const { rows } = await pool.query<{ channel: string }>(
    'select channel from reprise.outbox where delivered_at is null group by channel order by channel',
  )
  return rows.map(({ channel }) => channel)
}
