/** Counts the clients of a database that were not closed by the work that is over. */
import { setTimeout as delay } from 'node:timers/promises'
import type pg from 'pg'
import { slowdown } from '../../processes/slowdown.ts'

/** How long the server may take to notice that clients have disconnected, in milliseconds on a machine that is not busy. */
const leaving = 500

/** How many clients are connected to the database, apart from this one and those that are just leaving. */
export async function remainingClients(client: pg.Client, database: string): Promise<number> {
  const deadline = Date.now() + leaving * slowdown()
  for (;;) {
    const { rows } = await client.query<{ clients: number }>(
      // Without workers of the server, such as those of autovacuum.
      "select count(*)::int as clients from pg_stat_activity where datname = $1 and pid <> pg_backend_pid() and backend_type = 'client backend'",
      [database],
    )
    const { clients = 0 } = rows[0] ?? {}
    if (clients === 0 || Date.now() > deadline) return clients
    await delay(5)
  }
}
