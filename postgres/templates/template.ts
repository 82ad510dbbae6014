/** Builds the template of a run: a database that is migrated once and then cloned. */
import { createHash } from 'node:crypto'
import type pg from 'pg'
import { databaseUrl, withClient } from '../connection.ts'
import { createDatabase } from '../database.ts'
import { OneConnection } from '../one-connection.ts'
import { lockClasses, lockKey, templateName } from '../run/watchdog/names.mjs'
import type { DatabaseServer } from '../server.ts'
import { type LoadedContent, loadContent, type TemplateContent } from './template-content.ts'
import { type Clock, templateFunctions } from './template-functions.ts'

export interface TemplateOptions {
  migrations?: TemplateContent | undefined
  /** Rows that all tests share, such as lookup tables; loaded after the migrations. */
  referenceData?: TemplateContent | undefined
  /** What `now()` returns in a sandbox; default `frozen`. */
  clock?: Clock | undefined
  /** The working directory of commands; default: that of this process. */
  folder?: string | undefined
}

/**
 * Finds or builds the template with this content and returns its name, for `createClone`. Concurrent calls, also from other
 * runs, wait for the one that builds. A template whose build was interrupted is rebuilt. Throws an error with file, line
 * and column if an SQL file fails, and one if the role may not replace the clock.
 * @param connection An open client of the maintenance database, if there is one.
 */
export async function ensureTemplate(
  server: DatabaseServer,
  { migrations, referenceData, clock, folder = '' }: TemplateOptions,
  connection: string | pg.Client = server.url,
): Promise<string> {
  const contents = await Promise.all([
    loadContent('migrations', migrations, server.runId, folder),
    loadContent('referenceData', referenceData, server.runId, folder),
  ])
  return withClient(connection, async client => {
    const functions = await templateFunctions(client, clock)
    const steps = [{ key: functions, apply: runSql(functions) }, ...contents]
    const name = await nameFor(client, steps)
    // Locked first, so that no other run drops it between the look-up and the copy.
    await server.holdTemplate(name)
    if ((await stateOf(client, name)) !== 'ready')
      await withBuildLock(client, name, () => buildOnce(client, server, name, steps))
    return name
  })
}

async function nameFor(client: pg.Client, steps: readonly LoadedContent[]): Promise<string> {
  const { rows } = await client.query<{ version: string; maintenance: string }>(
    `select current_setting('server_version') as version, current_database() as maintenance`,
  )
  const { version = '', maintenance = '' } = rows[0] ?? {}
  const content = createHash('sha256')
    .update(JSON.stringify([version, ...steps.map(step => step.key)]))
    .digest('hex')
  return templateName(maintenance, content)
}

// Both flags are set last: a crash during the build leaves them unset.
async function stateOf(client: pg.Client, name: string): Promise<'missing' | 'incomplete' | 'ready'> {
  const { rows } = await client.query<{ ready: boolean }>(
    'select datistemplate and not datallowconn as ready from pg_database where datname = $1',
    [name],
  )
  if (!rows[0]) return 'missing'
  return rows[0].ready ? 'ready' : 'incomplete'
}

async function withBuildLock(client: pg.Client, name: string, work: () => Promise<void>): Promise<void> {
  const lock = [lockClasses.build, lockKey(name)]
  // Released when the connection ends at the latest, also if this process is killed.
  await client.query('select pg_advisory_lock($1, $2)', lock)
  try {
    await work()
  } finally {
    await client.query('select pg_advisory_unlock($1, $2)', lock)
  }
}

/** A build that fails is tried again by other workers of the run only after this many times its duration. */
const pauseFactor = 10
/** A build that fails sooner is tried again by each worker, in milliseconds: what was corrected counts at once. */
const longBuild = 1000

/** Throws the failure of another worker's build, if that took long and was not long ago. */
async function buildOnce(...args: Parameters<typeof build>): Promise<void> {
  const [, { failedBuilds }, name] = args
  const known = await failedBuilds?.find(name)
  if (known !== undefined) throw new Error(known)
  const from = performance.now()
  try {
    await build(...args)
  } catch (error) {
    const ms = performance.now() - from
    if (ms >= longBuild) {
      const again = `It failed in another worker of this run after ${Math.round(ms / 1000)} s, and is tried again ${Math.round((ms * pauseFactor) / 1000)} s later, or in the next run.`
      await failedBuilds?.add(name, `${(error as Error).message}\n${again}`, ms * pauseFactor).catch(() => undefined)
    }
    throw error
  }
}

async function build(
  client: pg.Client,
  server: DatabaseServer,
  name: string,
  steps: readonly LoadedContent[],
): Promise<void> {
  const state = await stateOf(client, name)
  if (state === 'ready') return
  if (state === 'incomplete') await drop(client, name)
  const done = await createEmpty(client, server, name, steps)
  try {
    const database = new OneConnection(databaseUrl(server.url, name))
    try {
      for (const step of steps.slice(done)) await step.apply(database)
    } finally {
      await database.close()
    }
    // Copying requires a template without sessions: refuse new ones, then end those that a migration tool left open.
    await client.query(`alter database "${name}" allow_connections false`)
    await client.query('select pg_terminate_backend(pid) from pg_stat_activity where datname = $1', [name])
    await client.query(`alter database "${name}" is_template true`)
  } catch (error) {
    await drop(client, name).catch(() => undefined)
    throw error
  }
}

/** Creates the database, from the spare one if that has the first step already. Returns how many steps it has. */
async function createEmpty(
  client: pg.Client,
  server: DatabaseServer,
  name: string,
  [first]: readonly LoadedContent[],
): Promise<number> {
  const spare = await server.takeSpare?.()
  if (spare && spare.functions === first?.key) {
    // Refused while something is connected to it.
    const renamed = client.query(`alter database "${spare.name}" rename to "${name}"`)
    if (await renamed.catch(() => undefined)) return 1
  }
  if (spare) await server.discard(spare.name)
  await createDatabase(client, name, 'template0')
  return 0
}

function runSql(sql: string): LoadedContent['apply'] {
  return async database => {
    if (sql !== '') await (await database.client()).query(sql)
  }
}

async function drop(client: pg.Client, name: string): Promise<void> {
  await client.query(`alter database "${name}" is_template false`)
  await client.query(`drop database if exists "${name}" with (force)`)
}
