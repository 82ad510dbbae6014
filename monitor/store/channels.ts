/** The configured channels, in the database, so that all instances know what each takes. */
import type pg from 'pg'
import { inTransaction } from './transaction.ts'

export interface ConfiguredChannel {
  name: string
  /** Whether the service behind it has alerts that can be acknowledged. */
  takesAcknowledgements: boolean
}

/** Makes these the configured channels. */
export async function setChannels(pool: pg.Pool, channels: readonly ConfiguredChannel[]): Promise<void> {
  const columns = [channels.map(({ name }) => name), channels.map(channel => channel.takesAcknowledgements)]
  await inTransaction(pool, async client => {
    // Instances that start together wait for each other, and do not deadlock.
    await client.query(`select pg_advisory_xact_lock(hashtextextended('reprise.channels', 0))`)
    await client.query('delete from reprise.channels where name <> all($1)', columns.slice(0, 1))
    await client.query(
      `insert into reprise.channels (name, takes_acknowledgements)
       select * from unnest($1::text[], $2::boolean[])
       on conflict (name) do update set takes_acknowledgements = excluded.takes_acknowledgements`,
      columns,
    )
  })
}
