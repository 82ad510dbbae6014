/** Closes the waiting messages of channels that are not configured any more. */
import type pg from 'pg'
import { lockIncidents } from './incidents.ts'
import { inTransaction } from './transaction.ts'

/** Stored with the messages as the reason. */
export const channelRemoved = 'this channel is not configured any more'

export interface RemovedChannel {
  channel: string
  /** How many messages were closed. */
  messages: number
}

/**
 * Uses the configured channels in the database, not those of this instance's configuration, which may be
 * older or newer than another's during a roll-out.
 */
export async function closeRemovedChannels(pool: pg.Pool): Promise<RemovedChannel[]> {
  const waiting = await pool.query(`select from reprise.outbox message where ${isOfRemoved} limit 1`)
  if (waiting.rowCount === 0) return []
  return inTransaction(pool, async client => {
    // News may be on its way into these messages.
    await lockIncidents(client)
    return close(client)
  })
}

/** SQL condition on a row `message`. */
const isOfRemoved = `delivered_at is null and not exists (select from reprise.channels where name = message.channel)`

async function close(client: pg.PoolClient): Promise<RemovedChannel[]> {
  const { rows } = await client.query<RemovedChannel>(
    `with closed as (
       update reprise.outbox message set delivered_at = clock_timestamp(), last_error = $1, last_failure = $1, once = null
        where ${isOfRemoved}
       returning channel, stream, incident, message.message, fallen
     ), forgotten as (
       -- So that a channel that comes back is notified of what it has missed.
       delete from reprise.open_alerts alert using closed
        where (alert.channel, alert.incident) = (closed.channel, closed.incident)
          and (check_name = any(fallen)
            or exists (select from jsonb_array_elements(closed.message -> 'checks') news
                        where news ->> 'name' = check_name and news ->> 'news' in ('fell', 'unknown')))
     ), unnoticed as (
       delete from reprise.open_notices notice using closed, jsonb_array_elements(closed.message -> 'subjects') shown
        where (notice.channel, notice.stream, notice.subject) = (closed.channel, closed.stream, shown ->> 'name')
          and closed.message ->> 'phase' = 'began'
     )
     select channel, count(*)::integer as messages from closed group by channel order by channel`,
    [channelRemoved],
  )
  return rows
}
