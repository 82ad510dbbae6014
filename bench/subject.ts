/** Prepares what the benchmarks use: a server, a database with tables, a sandbox in front of it, and a bare client. */
import pg from 'pg'
import { withClient } from '../postgres/connection.ts'
import { type Server, startServer } from '../postgres/server.ts'
import { type Clone, createClone } from '../postgres/templates/clone.ts'
import { ensureTemplate } from '../postgres/templates/template.ts'
import { SandboxPool } from '../sandbox/pool.ts'
import { Sandbox } from '../sandbox/sandbox.ts'

export interface Subject {
  server: Server
  /** The template of `database`. */
  template: string
  database: Clone
  /** A direct connection to the database. */
  bare: pg.Client
  sandbox: Sandbox
  pool: SandboxPool
}

export const insert = 'insert into users (email, name) values ($1, $2)'
export const values = ['ada@example.com', 'Ada']

/** Fifty tables, as in a medium-sized service; only `users` is written to. */
export const tables = ['users', ...Array.from({ length: 49 }, (_, i) => `table_${i + 1}`)]

/** Creates the subject on the server that `REPRISE_POSTGRES` selects, and removes it after the work. */
export async function withSubject<T>(work: (subject: Subject) => Promise<T>): Promise<T> {
  const server = await startServer({ provider: process.env.REPRISE_POSTGRES })
  try {
    const template = await ensureTemplate(server, content)
    const database = await createClone(server, template)
    const bare = new pg.Client(database.url)
    await bare.connect()
    const sandbox = await Sandbox.connect(database.url)
    const result = await work({ server, template, database, bare, sandbox, pool: new SandboxPool(sandbox, 'bench') })
    await sandbox.dispose()
    await bare.end()
    return result
  } finally {
    await server.stop()
  }
}

/** The template's content. */
export const content = { migrations: createTables }

function createTables(url: string): Promise<void> {
  return withClient(url, async client => {
    for (const table of tables) {
      await client.query(
        `create table ${table} (id bigint generated always as identity primary key, email text unique, name text)`,
      )
    }
  })
}
