/** Lets one instance at a time do something that needs no second one. */
import type pg from 'pg'
import { onOneConnection } from './transaction.ts'

/** Does nothing while another connection does it. @param name Of the advisory lock, which ends with the connection. */
export async function onlyOnce(pool: pg.Pool, name: string, work: () => Promise<void>): Promise<void> {
  await onOneConnection(pool, async (client, giveUp) => {
    const { rows } = await client.query('select pg_try_advisory_lock(hashtextextended($1, 0)) as locked', [name])
    if (!rows[0].locked) return
    try {
      await work()
    } finally {
      await client.query('select pg_advisory_unlock(hashtextextended($1, 0))', [name]).catch(giveUp)
    }
  })
}
