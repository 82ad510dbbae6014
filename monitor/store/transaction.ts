/** Keeps one connection of a pool for some work, or for a transaction. */
import type pg from 'pg'

/** @param giveUp Called for a connection that is not to be used again: it is removed from the pool. */
type Work<T> = (client: pg.PoolClient, giveUp: (error: Error) => void) => Promise<T>

/** A broken connection is removed from the pool. */
export async function onOneConnection<T>(pool: pg.Pool, work: Work<T>): Promise<T> {
  const client = await pool.connect()
  let broken: Error | undefined
  const giveUp = (error: Error) => {
    broken = error
  }
  // A pool handles errors of idle clients only; without a listener, an error of this one would end the process.
  client.on('error', giveUp)
  try {
    return await work(client, giveUp)
  } finally {
    client.removeListener('error', giveUp)
    client.release(broken)
  }
}

/** Commits when `work` resolves; rolls back and rethrows when it rejects. */
export function inTransaction<T>(pool: pg.Pool, work: (client: pg.PoolClient) => Promise<T>): Promise<T> {
  return onOneConnection(pool, async (client, giveUp) => {
    try {
      await client.query('begin')
      const result = await work(client)
      await client.query('commit')
      return result
    } catch (error) {
      await client.query('rollback').catch(giveUp)
      throw error
    }
  })
}
