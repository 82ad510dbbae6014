// Brings a database to the state that the app expects: migrations by node-pg-migrate, then the reference data.
import { readFile } from 'node:fs/promises'
import { runner } from 'node-pg-migrate'
import pg from 'pg'

/** The locations of the SQL files. */
export interface Schema {
  /** A folder of SQL files, applied once each, in the order of their numbers. */
  migrations: string
  /** An SQL file that is applied at each start, after the migrations. */
  referenceData: string
}

/**
 * Applies the missing migrations in one transaction: a failure leaves the database unchanged. Concurrent instances wait for
 * each other. Returns the names of the applied migrations. Throws if the database is unreachable, and an error with the
 * migration that fails.
 */
export async function migrate(databaseUrl: string, schema: Schema): Promise<string[]> {
  const client = new pg.Client({ connectionString: databaseUrl })
  client.on('error', () => {
    // A lost connection also rejects the query in progress, which reports it.
  })
  await client.connect().catch(refuse)
  try {
    const applied = await applyMissing(client, schema.migrations)
    await applyReferenceData(client, schema.referenceData)
    return applied
  } finally {
    await client.end()
  }
}

function refuse(error: Error): never {
  // A host name with several addresses, such as localhost, has an error per address.
  const reason = error instanceof AggregateError ? error.errors.map(part => part.message).join('; ') : error.message
  throw new Error(`The database cannot be reached: ${reason}. Check that it runs, and that DATABASE_URL is right.`, {
    cause: error,
  })
}

async function applyMissing(client: pg.Client, folder: string): Promise<string[]> {
  let current: string | undefined
  const logger = {
    // The only place at which node-pg-migrate names the migration that it applies.
    info: (text: string) => {
      current = /^### MIGRATION (.*) \(UP\) ###$/.exec(text)?.[1] ?? current
    },
    warn: () => undefined,
    // What it logs is also what it throws.
    error: () => undefined,
  }
  const migrations = runner({
    dbClient: client,
    dir: folder,
    direction: 'up',
    migrationsTable: 'pgmigrations',
    singleTransaction: true,
    advisoryLockMode: 'wait',
    logger,
  })
  const applied = await migrations.catch(error => {
    throw new Error(`The migration ${current ?? `folder ${folder}`} could not be applied: ${error.message}`, {
      cause: error,
    })
  })
  return applied.map(({ name }) => name)
}

async function applyReferenceData(client: pg.Client, file: string): Promise<void> {
  const sql = await readFile(file, 'utf8')
  await client.query(sql).catch(error => {
    throw new Error(`${file} could not be applied: ${error.message}`, { cause: error })
  })
}
