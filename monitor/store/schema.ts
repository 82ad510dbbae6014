/** Migrates the monitor's schema, `reprise`, to this program's version. */
import path from 'node:path'
import type pg from 'pg'
import { readMigrations } from '../../postgres/templates/migrations.ts'
import type { SqlFile } from '../../postgres/templates/sql-file.ts'
import { sqlFileError } from '../../postgres/templates/sql-file-error.ts'
import { inTransaction } from './transaction.ts'

const ownMigrations = path.join(import.meta.dirname, 'migrations')

/**
 * Applies the missing migrations, all or none. Instances that start together wait for the first one. Throws if a newer or
 * an unreleased version of this program has migrated the database.
 */
export async function migrate(pool: pg.Pool, folder = ownMigrations): Promise<void> {
  const migrations = (await readMigrations(folder)).map(file => ({ ...file, number: numberOf(file) }))
  await inTransaction(pool, async client => {
    await client.query(`select pg_advisory_xact_lock(hashtextextended('reprise.migrations', 0))`)
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
    for (const migration of migrations.filter(({ number }) => number > (applied?.number ?? 0))) {
      await apply(client, migration)
    }
  })
}

async function apply(client: pg.PoolClient, migration: SqlFile & { number: number }) {
  try {
    await client.query(migration.sql)
  } catch (error) {
    throw sqlFileError(migration, error)
  }
  await client.query('insert into reprise.migrations (number, name) values ($1, $2)', [
    migration.number,
    path.basename(migration.path),
  ])
}

const numberOf = ({ path: file }: SqlFile) => Number.parseInt(path.basename(file), 10)
