// Runs the sample app: migrates its database, listens, and shuts down in order on SIGINT or SIGTERM.
import { join } from 'node:path'
import { pino } from 'pino'
import { createApp } from './app.ts'
import { readEnvironment } from './environment.ts'
import { migrate } from './migrate.ts'
import { createPool } from './pool.ts'
import { serve } from './server.ts'

const GRACE_MS = 10_000

async function main(): Promise<void> {
  const { host, port, databaseUrl, mail } = readEnvironment(process.env)
  const logger = pino()
  const applied = await migrate(databaseUrl, {
    migrations: join(import.meta.dirname, 'migrations'),
    referenceData: join(import.meta.dirname, 'reference-data.sql'),
  })
  const pool = createPool(databaseUrl, logger)
  const server = await serve(createApp({ pool, logger, mail }), host, port)
  logger.info({ url: server.url, migrations: applied }, 'listening')

  const stop = async (signal: NodeJS.Signals) => {
    // A second signal gets the default handler, which ends the process at once.
    process.removeListener('SIGINT', stop).removeListener('SIGTERM', stop)
    logger.info({ signal }, 'shutting down')
    await server.close(GRACE_MS)
    await pool.end()
    logger.info('stopped')
  }
  process.on('SIGINT', stop).on('SIGTERM', stop)
}

main().catch(error => {
  console.error(error.message)
  process.exitCode = 1
})
