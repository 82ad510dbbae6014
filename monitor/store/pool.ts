/** The pools of connections to the monitor's own database. */
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

/**
 * Opens a pool for the pages, so that those who read them wait for each other, and never the monitoring for them. A page that
 * gets no connection in time, or takes too long, fails.
 */
export function openPagePool(url: string, options: pg.PoolConfig = {}): pg.Pool {
  return openPool(url, {
    application_name: 'reprise monitor: pages',
    max: 4,
    connectionTimeoutMillis: 5000,
    // The server gives up before this process does, so that the connection stays.
    statement_timeout: 10_000,
    query_timeout: 15_000,
    ...options,
  })
}
