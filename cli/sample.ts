/** `reprise sample`: runs the sample API until it is asked to stop. */
import path from 'node:path'
import { pino } from 'pino'
import { createApp } from '../app/app.ts'
import { readEnvironment } from '../app/environment.ts'
import { migrate } from '../app/migrate.ts'
import { createPool } from '../app/pool.ts'
import { serve } from '../app/server.ts'
import type { Command, Invocation } from './command.ts'
import { readArguments } from './read-arguments.ts'
import { withSampleDatabase } from './sample-database.ts'

/** How long requests may continue after a request to stop, in milliseconds. */
const grace = 5000

export const sample: Command = {
  help: `Usage: npx reprise sample [--json]

Runs the sample API and its page on a throw-away Postgres, until Ctrl-C. npm start runs it together with the monitor.

  --json          prints its URL and database as one line of JSON, and nothing else

Environment:
  HOST, PORT          its address (default: 127.0.0.1 and 3000; PORT=0 is any free port)
  DATABASE_URL        a database to use instead of a throw-away one; it is kept
  MAIL_URL            smtp://HOST:PORT of the server for the mails to new users (default: it sends none)
  PUBLIC_URL          its URL in these mails (default: made of HOST and PORT)
  REPRISE_POSTGRES    the server of the throw-away database: embedded (default), testcontainers, or
                      the postgres:// URL of a server on which databases may be created

Examples:
  npx reprise sample
  PORT=8080 npx reprise sample
  DATABASE_URL=postgres://me:secret@localhost:5432/sample npx reprise sample`,
  run: runSample,
}

/** Throws for a port in use, an unreachable database, and a lost server, after cleaning up. */
async function runSample({ args, env, print, stopRequest }: Invocation): Promise<number> {
  const { values, positionals } = readArguments('sample', args, { json: { type: 'boolean' } } as const)
  if (positionals.length > 0) throw new Error(`sample takes no ${JSON.stringify(positionals[0])}; see --help.`)
  // Called first, so that Ctrl-C during the start is not lost.
  const stop = stopRequest()
  await withSampleDatabase(env, async database => {
    const { host, port, databaseUrl, mail } = readEnvironment({ ...env, DATABASE_URL: database.url })
    await migrate(databaseUrl, schema)
    // Successful requests are not logged, so that the welcome text stays on the screen.
    const logger = pino({ level: 'warn' }, pino.destination(2))
    const pool = createPool(databaseUrl, logger)
    try {
      const server = await serve(createApp({ pool, logger, mail }), host, port)
      const [url, place] = [server.url, database.description]
      print(values.json ? JSON.stringify({ version: 1, url, database: place }) : welcome(url, place))
      try {
        await Promise.race([stop, database.lost.then(loss => Promise.reject(loss))])
      } finally {
        await server.close(grace)
      }
    } finally {
      await pool.end()
    }
  })
  if (!values.json) print('Stopped.')
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
