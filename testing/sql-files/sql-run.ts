/** Runs SQL texts with psql: on a server itself, and through a sandbox in front of it. */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFile } from 'node:fs/promises'
import path from 'node:path'
import { buffer } from 'node:stream/consumers'
import type pg from 'pg'
import { databaseUrl, withClient } from '../../postgres/connection.ts'
import { createDatabase, dropDatabase } from '../../postgres/database.ts'
import { Sandbox } from '../../sandbox/sandbox.ts'

export interface SqlSuite {
  /** The URL of a superuser. */
  server: string
  /** Of the SQL files. */
  folder: string
  /** For psql. */
  env: Record<string, string>
  /** How long psql may take for a text, in milliseconds. */
  limit: number
  /** The name of the database in which each text runs. `regression` is what PostgreSQL's own suite expects. */
  database: string
}

export interface Played {
  /** What psql has printed. */
  output: string
  /** Why there is no more of it; undefined if psql has ended by itself. */
  ended: string | undefined
}

/** Some files are not in UTF-8: their texts, and what psql prints, have a character for each byte. */
const encoding = 'latin1'

export function readSqlFile({ folder }: SqlSuite, name: string): Promise<string> {
  return readFile(path.join(folder, `${name}.sql`), encoding)
}

/** Makes the database `template`, in which the files have run, works with it, and drops it. Throws if one does not end. */
export async function withTemplate<T>(
  suite: SqlSuite,
  files: readonly string[],
  work: (template: string) => Promise<T>,
): Promise<T> {
  const template = `${suite.database}_template`
  await withClient(suite.server, async client => {
    await dropDatabase(client, template)
    await createDatabase(client, template, 'template0')
  })
  try {
    for (const name of files) {
      const { ended } = await psql(suite, await readSqlFile(suite, name), databaseUrl(suite.server, template))
      if (ended) throw new Error(`The set-up file ${name}.sql did not run to its end: ${ended}.`)
    }
    return await work(template)
  } finally {
    await cleanUp(suite, template)
  }
}

/** Runs a text on the server, in a new copy of the template. */
export function runBare(suite: SqlSuite, template: string, script: string): Promise<Played> {
  return withCopy(suite, template, url => psql(suite, script, url))
}

/** Runs a text in a sandbox in front of a new copy of the template. */
export function runInSandbox(suite: SqlSuite, template: string, script: string): Promise<Played> {
  return withCopy(suite, template, async url => {
    const sandbox = await Sandbox.connect(url)
    let broken: Error | undefined
    sandbox.onBroken = reason => {
      broken = reason
    }
    try {
      sandbox.open()
      const { output, ended } = await psql(suite, script, sandbox.url)
      return { output, ended: broken?.message ?? ended }
    } finally {
      // A sandbox that hangs must not stop the other files.
      await settled(sandbox.close(), 5000)
      await settled(sandbox.dispose(), 5000)
    }
  })
}

async function withCopy<T>(suite: SqlSuite, template: string, work: (url: string) => Promise<T>): Promise<T> {
  const { server, database } = suite
  await withClient(server, async client => {
    await dropDatabase(client, database)
    await createDatabase(client, database, template)
  })
  try {
    return await work(databaseUrl(server, database))
  } finally {
    await cleanUp(suite, database)
  }
}

/** Drops the database, and what a file that fails half-way leaves outside of it. Its names begin with `regress`. */
async function cleanUp({ server }: SqlSuite, database: string): Promise<void> {
  const drop = async (client: pg.Client, query: string, ...values: string[]) => {
    const { rows } = await client.query<{ statement: string }>(query, values)
    // What is needed still, by the template, stays.
    for (const { statement } of rows) await client.query(statement).catch(() => undefined)
  }
  // Each keeps a database from being dropped. A file may have dropped or renamed the database itself.
  await withClient(databaseUrl(server, database), async client => {
    await drop(
      client,
      `select format('rollback prepared %L', gid) as statement from pg_prepared_xacts where database = $1`,
      database,
    )
    await drop(
      client,
      `select unnest(array[format('alter subscription %I disable', subname),
        format('alter subscription %I set (slot_name = none)', subname), format('drop subscription %I', subname)]) as statement
       from pg_subscription where subdbid = (select oid from pg_database where datname = $1)`,
      database,
    )
  }).catch(() => undefined)
  await withClient(server, async client => {
    await dropDatabase(client, database)
    await drop(
      client,
      `select format('drop tablespace %I', spcname) as statement from pg_tablespace where spcname like 'regress%'`,
    )
    await drop(
      client,
      `select unnest(array[format('drop owned by %I', rolname), format('drop role %I', rolname)]) as statement
       from pg_roles where rolname like 'regress%'`,
    )
  })
}

async function psql({ folder, env, limit }: SqlSuite, script: string, url: string): Promise<Played> {
  const { PATH, HOME } = process.env
  // As pg_regress calls it, but without -q, so that each statement has a result. Both streams in one, in their order.
  const args = ['-c', 'exec psql -X -a -d "$0" -v HIDE_TABLEAM=on -v HIDE_TOAST_COMPRESSION=on 2>&1', url]
  const child = spawn('sh', args, {
    env: { PATH, HOME, PGTZ: 'PST8PDT', PGDATESTYLE: 'Postgres, MDY', PGAPPNAME: 'pg_regress', LC_ALL: 'C', ...env },
    cwd: folder,
  })
  let isLate = false
  const timer = setTimeout(() => {
    isLate = true
    child.kill('SIGKILL')
  }, limit)
  child.stdin.on('error', () => undefined).end(script, encoding)
  const [output] = await Promise.all([buffer(child.stdout), once(child, 'close')])
  clearTimeout(timer)
  return {
    output: output.toString(encoding),
    ended: isLate ? `psql had not ended after ${limit / 1000} s` : undefined,
  }
}

async function settled(work: Promise<unknown>, ms: number): Promise<void> {
  let timer: NodeJS.Timeout | undefined
  await Promise.race([
    work.catch(() => undefined),
    new Promise(resolve => {
      timer = setTimeout(resolve, ms)
    }),
  ])
  clearTimeout(timer)
}
