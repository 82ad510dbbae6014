// Creates the app's connection pool, which survives the loss of its database.
import pg from 'pg'
import type { Logger } from 'pino'

/** A pool whose queries fail within seconds when the database does not respond, and work again when it does. */
export function createPool(databaseUrl: string, logger: Logger): pg.Pool {
  const pool = new pg.Pool({
    connectionString: databaseUrl,
    connectionTimeoutMillis: 3_000,
    statement_timeout: 5_000,
    // Longer than statement_timeout: for a server that does not respond at all.
    query_timeout: 6_000,
    keepAlive: true,
  })
  // Without a listener, an idle connection that the server closes would end the process.
  pool.on('error', error => logger.warn({ err: error }, 'an idle database connection was lost'))
  return pool
}
