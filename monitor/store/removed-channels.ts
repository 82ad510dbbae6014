/** Closes what waits for channels that no check has any more. */
import type pg from 'pg'

/** Kept with the messages, as why they were not sent. */
export const channelRemoved = 'no check has this channel any more'

export interface RemovedChannel {
  channel: string
  /** How many were closed. */
  messages: number
}

/**
 * Which channels there are is what the database has of the checks in force, not what the configuration of one instance
 * has: during a roll-out that may be older or newer than the one that others deliver for.
 */
export async function closeRemovedChannels(pool: pg.Pool): Promise<RemovedChannel[]> {
  const { rows } = await pool.query<RemovedChannel>(
    `with closed as (
       update reprise.outbox message set delivered_at = clock_timestamp(), last_error = $1, last_failure = $1
        where delivered_at is null
          and not exists (select from reprise.checks where active and rules -> 'channels' ? message.channel)
       returning channel, incident, message.message
     ), forgotten as (
       -- A channel that comes back is told what it was not told.
       delete from reprise.told using closed, jsonb_array_elements(closed.message -> 'checks') news
        where (told.channel, told.incident, told.check_name) = (closed.channel, closed.incident, news ->> 'name')
          and news ->> 'news' in ('fell', 'unknown')
     )
     select channel, count(*)::integer as messages from closed group by channel order by channel`,
    [channelRemoved],
  )
  return rows
}
