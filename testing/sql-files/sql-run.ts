/** Runs one SQL file with psql: on a server itself, and through a sandbox in front of it. */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { createReadStream } from 'node:fs'
import path from 'node:path'
import { text } from 'node:stream/consumers'
import { withClient } from '../../postgres/connection.ts'
import { createDatabase, dropDatabase } from '../../postgres/database.ts'
import { Sandbox } from '../../sandbox/sandbox.ts'

export interface SqlSuite {
  /** The URL of a superuser. */
  server: string
  /** Of the SQL files. */
  folder: string
  /** For psql. */
  env: Record<string, string>
}

export interface SqlRun extends SqlSuite {
  template: string
  /** Of the file, without `.sql`. */
  name: string
}

/** The name that PostgreSQL's own suite expects. */
const database = 'regression'

/** Makes a database in which the setup files have run, and drops it at the end. */
export async function withTemplate(
  suite: SqlSuite,
  setup: readonly string[],
  work: (template: Omit<SqlRun, 'name'>) => Promise<void>,
): Promise<void> {
  const template = `${database}_template`
  await withClient(suite.server, async client => {
    await dropDatabase(client, template)
    await createDatabase(client, template, 'template0')
  })
  for (const name of setup) await psql({ ...suite, template, name }, urlOf(suite.server, template))
  await work({ ...suite, template })
  await withClient(suite.server, client => dropDatabase(client, template))
}

export function runBare(run: SqlRun): Promise<string> {
  return withCopy(run, url => psql(run, url))
}

export function runInSandbox(run: SqlRun): Promise<string> {
  return withCopy(run, async url => {
    const sandbox = await Sandbox.connect(url)
    try {
      sandbox.open()
      return await psql(run, sandbox.url)
    } finally {
      await sandbox.close().catch(() => undefined)
      await sandbox.dispose()
    }
  })
}

async function withCopy(run: SqlRun, work: (url: string) => Promise<string>): Promise<string> {
  await withClient(run.server, async client => {
    await dropDatabase(client, database)
    await createDatabase(client, database, run.template)
  })
  try {
    return await work(urlOf(run.server, database))
  } finally {
    await withClient(run.server, async client => {
      await dropDatabase(client, database)
      // A file that fails half-way leaves its roles, which belong to no database.
      const { rows } = await client.query<{ drop: string }>(
        `select format('drop role %I', rolname) as drop from pg_roles where rolname like 'regress%'`,
      )
      for (const { drop } of rows) await client.query(drop).catch(() => undefined)
    })
  }
}

async function psql({ folder, name, env }: SqlRun, url: string): Promise<string> {
  const { PATH, HOME } = process.env
  const file = createReadStream(path.join(folder, `${name}.sql`))
  // As pg_regress calls it. Both streams in one, in the order in which they are written.
  const args = ['-c', 'exec psql -X -a -q -d "$0" -v HIDE_TABLEAM=on -v HIDE_TOAST_COMPRESSION=on 2>&1', url]
  const child = spawn('sh', args, {
    env: { PATH, HOME, PGTZ: 'PST8PDT', PGDATESTYLE: 'Postgres, MDY', PGAPPNAME: 'pg_regress', LC_ALL: 'C', ...env },
    cwd: folder,
  })
  child.stdin.on('error', () => undefined)
  file.pipe(child.stdin)
  const [output] = await Promise.all([text(child.stdout), once(child, 'close')])
  return output
}

function urlOf(server: string, name: string): string {
  const url = new URL(server)
  url.pathname = `/${name}`
  return url.href
}
