/** Messages that were closed unsent. */
import type pg from 'pg'
import { channelRemoved } from './removed-channels.ts'

/** SQL condition on a row of the outbox: it was not received, and will not be sent. */
export const isClosedUnsent = '(delivered_at is not null and last_error is not null)'

export interface ClosedMessages {
  channel: string
  /** How many messages were closed. */
  messages: number
  /** When the last of them was closed. */
  at: Date
}

/** Reads those of the last 24 hours whose channel is not configured any more, by channel. */
export async function readClosedMessages(pool: pg.Pool): Promise<ClosedMessages[]> {
  const { rows } = await pool.query<ClosedMessages>(
    `select channel, count(*)::integer as messages, max(delivered_at) as at
       from reprise.outbox
      where delivered_at > clock_timestamp() - interval '24 hours' and last_error = $1
      group by channel order by channel`,
    [channelRemoved],
  )
  return rows
}
