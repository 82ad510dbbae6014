/** Migrates the monitor's schema, `reprise`, to this program's version. */
import path from 'node:path'
import pg from 'pg'
import { readMigrations } from '../../postgres/templates/migrations.ts'
import type { SqlFile } from '../../postgres/templates/sql-file.ts'
import { sqlFileError } from '../../postgres/templates/sql-file-error.ts'
import { deadAfterMs } from './instances.ts'
import { inTransaction } from './transaction.ts'

const ownMigrations = path.join(import.meta.dirname, 'migrations')

export interface MigrationProgress {
  /** A migration, or that of another instance, takes longer than `slowAfterMs`. */
  onSlow?(text: string): void
  slowAfterMs?: number
  /** How long a migration waits for each of its locks on tables. */
  lockMs?: number
}

/**
 * Applies the missing migrations, all or none. Instances that start together wait for the first one. Throws if a newer or
 * an unreleased version of this program has migrated the database, and if instances of an older one run.
 */
export async function migrate(pool: pg.Pool, folder = ownMigrations, progress: MigrationProgress = {}): Promise<void> {
  const migrations = (await readMigrations(folder)).map(file => ({ ...file, number: numberOf(file) }))
  const { onSlow = () => undefined, slowAfterMs = 5000, lockMs = 60_000 } = progress
  const announced = async <T>(text: string, work: () => Promise<T>): Promise<T> => {
    const timer = setTimeout(onSlow, slowAfterMs, text)
    try {
      return await work()
    } finally {
      clearTimeout(timer)
    }
  }
  // A connection of its own: on a large database a migration takes longer than any query may. If it were given up here,
  // the server would go on with it, and the next start would wait for its locks.
  const own = new pg.Pool({
    ...pool.options,
    ...{ max: 1, query_timeout: 0, application_name: 'reprise monitor: migrating' },
  })
  own.on('error', () => undefined)
  try {
    await inTransaction(own, async client => {
      // Those of the role or the database, for which the same holds.
      await client.query('set local statement_timeout = 0; set local lock_timeout = 0')
      await announced("Waiting for another instance that migrates the monitor's database.", () =>
        client.query(`select pg_advisory_xact_lock(hashtextextended('reprise.migrations', 0))`),
      )
      await client.query(`set local lock_timeout = ${lockMs}`)
      const missing = await missingIn(client, migrations)
      for (const migration of missing) {
        const name = path.basename(migration.path)
        await announced(`Migrating the monitor's database: ${name} takes minutes where there are many results.`, () =>
          apply(client, migration, lockMs),
        )
      }
    })
  } finally {
    await own.end()
  }
}

type Migration = SqlFile & { number: number }

async function missingIn(client: pg.PoolClient, migrations: readonly Migration[]): Promise<Migration[]> {
  await client.query(`
    create schema if not exists reprise;
    create table if not exists reprise.migrations (
      number integer primary key, name text not null, applied_at timestamptz not null default now())`)
  const { rows } = await client.query<{ number: number; name: string }>(
    'select number, name from reprise.migrations order by number desc',
  )
  const [applied] = rows
  const newest = migrations.at(-1)?.number ?? 0
  if (applied !== undefined && applied.number > newest) {
    throw new Error(
      `The monitor's database was migrated by a newer version of this program (${applied.name}); this one knows ` +
        `migrations up to ${newest}. Start the newer version, or set REPRISE_MONITOR_DATABASE_URL to another database.`,
    )
  }
  const names = new Map(migrations.map(file => [file.number, path.basename(file.path)]))
  const other = rows.find(({ number, name }) => names.get(number) !== name)
  if (other) {
    throw new Error(
      `The monitor's database was migrated by an unreleased version of this program: ${other.name} is ` +
        `${names.get(other.number)} in this one. Remove the database (by default the folder .reprise/monitor), or set ` +
        'REPRISE_MONITOR_DATABASE_URL to another one.',
    )
  }
  const missing = migrations.filter(({ number }) => number > (applied?.number ?? 0))
  if (applied && missing.length > 0) await refuseBesideOthers(client)
  return missing
}

/** An older version goes on with a newer schema, but knows nothing of what is new in it, such as mutes. */
async function refuseBesideOthers(client: pg.PoolClient): Promise<void> {
  const { rows } = await client.query<{ instances: string | null }>(
    `select string_agg(id || ' in ' || location, ', ' order by id) as instances
       from reprise.instances where heartbeat_at > clock_timestamp() - $1 * interval '1 ms'`,
    [deadAfterMs],
  )
  const [{ instances } = { instances: null }] = rows
  if (instances === null) return
  throw new Error(
    `The monitor's database was not migrated, because instances of an older version use it: ${instances}. Stop them all, ` +
      `and start this version then; one that was killed counts for ${deadAfterMs / 1000} s.`,
  )
}

async function apply(client: pg.PoolClient, migration: Migration, lockMs: number) {
  const name = path.basename(migration.path)
  try {
    await client.query(migration.sql)
  } catch (error) {
    if (Object(error).code !== lockNotAvailable) throw sqlFileError(migration, error)
    throw new Error(
      `The migration ${name} of the monitor's database has waited ${lockMs / 1000} s for a lock that another connection ` +
        'holds, such as that of an instance of an older version: stop those, and start again.',
      { cause: error },
    )
  }
  await client.query('insert into reprise.migrations (number, name) values ($1, $2)', [migration.number, name])
}

/** https://www.postgresql.org/docs/current/errcodes-appendix.html */
const lockNotAvailable = '55P03'

const numberOf = ({ path: file }: SqlFile) => Number.parseInt(path.basename(file), 10)
