// Brings a database to the state that the app expects: numbered SQL files, then the reference data.
import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { Client } from 'pg'

/** Where to find what a database must hold. */
export interface Schema {
  /** A folder of SQL files, applied once each, in the order of their names. */
  migrations: string
  /** A SQL file that is applied every time, after the migrations. */
  referenceData: string
}

/**
 * Applies what is missing, in one transaction: a failure leaves the database as it was. Instances that start together
 * wait for each other. Returns the names of the migrations that were applied. Throws if the database cannot be reached,
 * and for a file that fails, naming it.
 */
export async function migrate(databaseUrl: string, schema: Schema): Promise<string[]> {
  const client = new Client({ connectionString: databaseUrl })
  client.on('error', () => {
    // A lost connection also rejects the query in flight, which is where it is reported.
  })
  await client.connect().catch(refuse)
  try {
    await client.query('begin')
    await client.query('select pg_advisory_xact_lock($1)', [MIGRATION_LOCK])
    const applied = await applyMissing(client, schema.migrations)
    await applyFile(client, schema.referenceData)
    await client.query('commit')
    return applied
  } finally {
    // Ends an unfinished transaction as well: the server rolls it back.
    await client.end()
  }
}

function refuse(error: Error): never {
  // A name with several addresses, such as localhost, has its messages only in the parts.
  const reason = error instanceof AggregateError ? error.errors.map(part => part.message).join('; ') : error.message
  throw new Error(`The database cannot be reached: ${reason}. Check that it runs, and that DATABASE_URL is right.`, {
    cause: error,
  })
}

/** Any number will do, as long as nothing else in this database locks it: here "users" in hexadecimal ASCII. */
const MIGRATION_LOCK = 0x75_73_65_72_73

async function applyMissing(client: Client, folder: string): Promise<string[]> {
  await client.query(`create table if not exists schema_migrations (
    name text primary key,
    applied_at timestamptz not null default clock_timestamp()
  )`)
  const { rows } = await client.query<{ name: string }>('select name from schema_migrations')
  const known = new Set(rows.map(row => row.name))
  const files = (await readdir(folder)).filter(name => name.endsWith('.sql')).sort()
  const missing = files.filter(name => !known.has(name))
  for (const name of missing) {
    await applyFile(client, join(folder, name))
    await client.query('insert into schema_migrations (name) values ($1)', [name])
  }
  return missing
}

async function applyFile(client: Client, file: string): Promise<void> {
  const sql = await readFile(file, 'utf8')
  try {
    await client.query(sql)
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error)
    throw new Error(`${file} could not be applied: ${reason}`, { cause: error })
  }
}
