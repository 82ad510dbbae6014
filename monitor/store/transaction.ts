/** One transaction on a connection of a pool. */
import type pg from 'pg'

/** Commits what the work did, or rolls back and throws what it threw; a connection that broke goes back to no pool. */
export async function inTransaction<T>(pool: pg.Pool, work: (client: pg.PoolClient) => Promise<T>): Promise<T> {
  const client = await pool.connect()
  let broken: Error | undefined
  const onError = (error: Error) => {
    broken = error
  }
  // A pool listens to its idle clients only; unheard, a connection lost in between would end the process.
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
