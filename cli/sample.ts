/** `reprise sample`: runs the sample API until it is asked to stop. */
import path from 'node:path'
import { pino } from 'pino'
import { createApp } from '../app/app.ts'
import { readEnvironment } from '../app/environment.ts'
import { migrate } from '../app/migrate.ts'
import { createPool } from '../app/pool.ts'
import { serve } from '../app/server.ts'
import type { Invocation } from './command.ts'
import { withSampleDatabase } from './sample-database.ts'

/** How long requests may go on when it stops, in milliseconds. */
const grace = 5000

/** Throws for a port that is taken, a database that cannot be reached, and a server that is lost. Nothing is left then. */
export async function sample({ args, env, print, stopRequest }: Invocation): Promise<number> {
  if (args.length > 0) throw new Error(`sample takes no argument, but got "${args.join(' ')}". See --help.`)
  // Asked for at once: a Ctrl-C while it starts is not lost.
  const stop = stopRequest()
  await withSampleDatabase(env, async database => {
    const { host, port, databaseUrl } = readEnvironment({ ...env, DATABASE_URL: database.url })
    await migrate(databaseUrl, schema)
    // What goes well is not logged: the few lines that say what to try stay on the screen.
    const logger = pino({ level: 'warn' }, pino.destination(2))
    const pool = createPool(databaseUrl, logger)
    try {
      const server = await serve(createApp({ pool, logger }), host, port)
      print(welcome(server.url, database.description))
      try {
        await Promise.race([stop, database.lost.then(loss => Promise.reject(loss))])
      } finally {
        await server.close(grace)
      }
    } finally {
      await pool.end()
    }
  })
  print('Stopped.')
  return 0
}

const app = path.join(import.meta.dirname, '..', 'app')
const schema = { migrations: path.join(app, 'migrations'), referenceData: path.join(app, 'reference-data.sql') }

function welcome(url: string, database: string): string {
  return `The sample API runs.

  page      ${url}
  API       ${url}/openapi.json
  database  ${database}

Add a user and list them all, then look at the page:

  curl -H 'content-type: application/json' -d '{"name":"Ada","email":"ada@example.com"}' ${url}/users
  curl ${url}/users

Ctrl-C stops it.`
}
