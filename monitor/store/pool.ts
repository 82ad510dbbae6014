/** The pool of connections to the monitor's own database. */
import pg from 'pg'

/**
 * Does not connect yet. Queries reject while the database is unreachable; idle connections that are lost are replaced.
 */
export function openPool(url: string, options: pg.PoolConfig = {}): pg.Pool {
  const pool = new pg.Pool({
    connectionString: url,
    application_name: 'reprise monitor',
    connectionTimeoutMillis: 10_000,
    // A database host that vanishes sends no answer, not even a reset.
    query_timeout: 30_000,
    keepAlive: true,
    // Locks of an instance that hangs must not block the others.
    idle_in_transaction_session_timeout: 30_000,
    ...options,
  })
  pool.on('error', () => undefined)
  return pool
}
