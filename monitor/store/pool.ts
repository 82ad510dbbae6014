/** The connections of the monitor to its own database. */
import pg from 'pg'

/** Does not connect yet. Queries that find the database away reject; a connection that is lost while idle is replaced. */
export function openPool(url: string, options: pg.PoolConfig = {}): pg.Pool {
  const pool = new pg.Pool({
    connectionString: url,
    application_name: 'reprise monitor',
    connectionTimeoutMillis: 10_000,
    // A database host that vanishes answers nothing at all.
    query_timeout: 30_000,
    keepAlive: true,
    // Locks of an instance that hangs must not stop the others.
    idle_in_transaction_session_timeout: 30_000,
    ...options,
  })
  pool.on('error', () => undefined)
  return pool
}
