/** Lists the channels with messages that wait. */
import type pg from 'pg'
import { isWaiting } from './waiting-messages.ts'

export async function readWaitingChannels(pool: pg.Pool): Promise<string[]> {
  const { rows } = await pool.query<{ channel: string }>(
    `select channel from reprise.outbox where ${isWaiting()} group by channel order by channel`,
  )
  return rows.map(({ channel }) => channel)
}
