/**
 * Keeps what the tests of a seed project commit: a chain of databases, each a copy of the one before it with the commits of
 * one more test. The last one is the template of the projects that depend on the seed project. Names and comments of the
 * databases hold the chain, so that every worker of the run finds it, and the end of the run removes it.
 */
import { createHash } from 'node:crypto'
import type pg from 'pg'
import { openClient } from '../connection.ts'
import { dropDatabase } from '../database.ts'
import { databaseName, lockClasses, lockKey } from '../run/watchdog/names.mjs'
import type { DatabaseServer } from '../server.ts'

/** What has made one database of the chain. */
export interface SeedStep {
  /** The id of the test. */
  test: string
  /** Identifies the worker: another one that runs the same test repeats it. */
  worker: string
  /** The serial group of the test, whose tests are repeated together. */
  group: string | undefined
}

/** A turn to add to the chain, which no other worker has at the same time. */
export interface SeedTurn {
  /** The database to copy; undefined if the chain is empty. */
  readonly base: string | undefined
  /** Adds a database, to which nothing connects any more, to the chain. */
  keep(database: string): Promise<void>
  /** Passes the turn on. */
  end(): Promise<void>
}

/**
 * Names the chain of a project.
 * @param template The template that its migrations and reference data make.
 * @param repeat Playwright's `repeatEachIndex`: each repetition has a chain of its own.
 */
export function seedName(runId: string, project: string, template: string, repeat = 0): string {
  const digest = createHash('sha256')
    .update(JSON.stringify([project, template, repeat]))
    .digest('hex')
  return databaseName(runId, `seed_${digest.slice(0, 16)}`)
}

/** The last database of a chain; undefined if no test has committed anything. */
export async function lastOf(client: pg.Client, seed: string): Promise<string | undefined> {
  return (await chainOf(client, seed)).at(-1)?.database
}

/**
 * Waits for the turn. A test that is repeated begins where it began before: what it had committed is dropped, with
 * everything that came after it. Throws if a retry would drop what other tests have committed.
 */
export async function takeSeedTurn(
  server: Pick<DatabaseServer, 'url'>,
  seed: string,
  step: SeedStep & { isRetry: boolean },
): Promise<SeedTurn> {
  // Held by the connection: the turn of a worker that is killed is passed on.
  const client = await openClient(server.url)
  try {
    await client.query('select pg_advisory_lock($1, $2)', [lockClasses.seed, lockKey(seed)])
    const kept = await dropRepeated(client, await chainOf(client, seed), step)
    return {
      base: kept.at(-1)?.database,
      keep: database => append(client, database, `${seed}_${(kept.at(-1)?.number ?? 0) + 1}`, step),
      end: () => client.end(),
    }
  } catch (error) {
    await client.end()
    throw error
  }
}

interface Link extends SeedStep {
  database: string
  number: number
}

async function chainOf(client: pg.Client, seed: string): Promise<Link[]> {
  const { rows } = await client.query<{ name: string; comment: string }>(
    `select datname as name, shobj_description(oid, 'pg_database') as comment
     from pg_database where starts_with(datname, $1)`,
    [`${seed}_`],
  )
  return rows
    .map(({ name, comment }): Link => {
      const step: SeedStep = JSON.parse(comment)
      return { ...step, database: name, number: Number(name.slice(seed.length + 1)) }
    })
    .sort((a, b) => a.number - b.number)
}

/** Drops what the test has committed before, and returns the rest of the chain. */
async function dropRepeated(
  client: pg.Client,
  chain: readonly Link[],
  { test, worker, group, isRetry }: SeedStep & { isRetry: boolean },
): Promise<readonly Link[]> {
  const first = chain.findIndex(link => link.test === test && link.worker !== worker)
  if (first === -1) return chain
  const dropped = chain.slice(first)
  const isRepeated = (link: Link) => link.test === test || (group !== undefined && link.group === group)
  if (isRetry && !dropped.every(isRepeated)) {
    // Outside of a serial group only a hook of the failed test has committed: that stays.
    if (group === undefined) return chain
    throw new Error(
      'This test of a seed project cannot be repeated: other tests have committed since it did, and would be lost. ' +
        "Set workers: 1 for the project, with Playwright's immediate retries, or do without serial mode: in mode 'default', " +
        'only the test that failed is repeated.',
    )
  }
  for (const { database } of dropped.reverse()) await dropDatabase(client, database)
  return chain.slice(0, first)
}

async function append(client: pg.Client, database: string, name: string, step: SeedStep): Promise<void> {
  const comment = JSON.stringify({ test: step.test, worker: step.worker, group: step.group } satisfies SeedStep)
  // A copy needs a database without sessions: refuse new ones, then end those that are left.
  await client.query(`alter database "${database}" allow_connections false`)
  await client.query('select pg_terminate_backend(pid) from pg_stat_activity where datname = $1', [database])
  await client.query('begin')
  await client.query(`comment on database "${database}" is ${client.escapeLiteral(comment)}`)
  await client.query(`alter database "${database}" rename to "${name}"`)
  await client.query('commit')
}
