/** Writes digests to the outbox, each once to a channel. */
import type pg from 'pg'
import { lockIncidents } from './incidents.ts'
import type { DigestMessage } from './messages.ts'
import { inTransaction } from './transaction.ts'
import { writeMessage } from './write-message.ts'

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
    await lockIncidents(client)
    const once = onceOf(new Date(message.at))
    for (const channel of channels) await writeMessage(client, channel, message, undefined, once)
  })
}

const onceOf = (due: Date) => `digest ${due.toISOString()}`
