/** Runs a transaction on a connection of a pool. */
import type pg from 'pg'

/**
 * Commits when `work` resolves; rolls back and rethrows when it rejects. A broken connection is removed from the pool.
 */
export async function inTransaction<T>(pool: pg.Pool, work: (client: pg.PoolClient) => Promise<T>): Promise<T> {
  const client = await pool.connect()
  let broken: Error | undefined
  const onError = (error: Error) => {
    broken = error
  }
  // A pool handles errors of idle clients only; without a listener, an error of this one would end the process.
  client.on('error', onError)
  try {
    await client.query('begin')
    const result = await work(client)
    await client.query('commit')
    return result
  } catch (error) {
    await client.query('rollback').catch(onError)
    throw error
  } finally {
    client.removeListener('error', onError)
    client.release(broken)
  }
}
