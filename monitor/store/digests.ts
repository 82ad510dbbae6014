/** Writes digests to the outbox, each once to a channel. */
import type pg from 'pg'
import { lockIncidents } from './incidents.ts'
import { type DigestMessage, streamOf } from './messages.ts'
import { inTransaction } from './transaction.ts'
import { wakeForMessages } from './wake.ts'

/** Returns which of the channels have no digest that is due at this time. */
export async function channelsWithoutDigest(pool: pg.Pool, channels: readonly string[], due: Date): Promise<string[]> {
  const { rows } = await pool.query<{ channel: string }>(
    `select distinct channel from unnest($1::text[]) channel
      where not exists (select from reprise.outbox where outbox.channel = channel.channel and once = $2) order by channel`,
    [channels, onceOf(due)],
  )
  return rows.map(({ channel }) => channel)
}

/** Skips the channels that have it: other instances write the same. */
export async function writeDigest(pool: pg.Pool, channels: readonly string[], message: DigestMessage): Promise<void> {
  await inTransaction(pool, async client => {
    // Other messages of the stream would have the same position.
    await lockIncidents(client)
    await client.query(
      `insert into reprise.outbox (stream, channel, position, message, once)
       select $2, channel, (select coalesce(max(position), 0) + 1 from reprise.outbox
                             where stream = $2 and outbox.channel = channel.channel), $3, $4
         from unnest($1::text[]) channel on conflict (channel, once) do nothing`,
      [channels, streamOf(message), JSON.stringify(message), onceOf(new Date(message.at))],
    )
    await wakeForMessages(client)
  })
}

const onceOf = (due: Date) => `digest ${due.toISOString()}`
