/** Lets one instance at a time do something that needs no second one. */
import type pg from 'pg'

/** Does nothing while another connection does it. @param name Of the advisory lock. */
export async function onlyOnce(pool: pg.Pool, name: string, work: () => Promise<void>): Promise<void> {
  const client = await pool.connect()
  // The lock ends with the connection; without a listener, its error would end the process.
  let broken: Error | undefined
  const onError = (error: Error) => {
    broken = error
  }
  client.on('error', onError)
  try {
    const { rows } = await client.query('select pg_try_advisory_lock(hashtextextended($1, 0)) as locked', [name])
    if (!rows[0].locked) return
    try {
      await work()
    } finally {
      await client.query('select pg_advisory_unlock(hashtextextended($1, 0))', [name]).catch(onError)
    }
  } finally {
    client.removeListener('error', onError)
    client.release(broken)
  }
}
