/** Finds messages that wait although their channel should have accepted them. */
import type pg from 'pg'
import { isAheadOfClock } from './clock-skew.ts'
import { isWaiting } from './waiting-messages.ts'

export interface UndeliveredMessages {
  channel: string
  /** How many were not accepted. */
  messages: number
  /** How many of them were given up. */
  dead: number
  /** When the oldest of them was created. */
  since: Date
  /** Public summary of the last attempt, such as `answered 503`; null if no attempt has ended. */
  failure: string | null
  /** The last error in detail, for operators; without secrets. */
  lastError: string | null
}

/** Reads the channels of which a message has failed, or has been due for more than 30 seconds; by name. */
export async function readUndeliveredMessages(pool: pg.Pool): Promise<UndeliveredMessages[]> {
  const { rows } = await pool.query<UndeliveredMessages>(
    `select channel, count(*)::integer as messages, count(dead_at)::integer as dead, min(created_at) as since,
            (array_agg(last_failure order by next_attempt desc) filter (where last_error is not null))[1] as failure,
            (array_agg(last_error order by next_attempt desc) filter (where last_error is not null))[1] as "lastError"
       from reprise.outbox message
      where delivered_at is null
        and not exists (select from reprise.outbox held
                         where (held.stream, held.channel) = (message.stream, message.channel)
                           and held.position <= message.position and ${isWaiting('held')}
                           and held.not_before > clock_timestamp())
      group by channel
     having bool_or(last_error is not null or greatest(created_at, not_before) < clock_timestamp() - interval '30 s'
                    or ${isAheadOfClock('created_at')})
      order by channel`,
  )
  return rows
}
