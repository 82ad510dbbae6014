/** Fixtures with a sandbox in front of a database with one table; the test itself opens and closes the sandbox. */
import pg from 'pg'
import { test as base } from '../../postgres/testing/server-fixture.ts'
import { SandboxPool } from '../pool.ts'
import { Sandbox } from '../sandbox.ts'

export interface SandboxFixtures {
  sandbox: Sandbox
  /** How long a client waits behind an idle one, in milliseconds; undefined: as long as usual. */
  patience: number | undefined
  pool: SandboxPool
  /** A connection to the database itself, which sees only committed work. */
  outside: pg.Client
}

/** Creates the empty table `t (id int primary key, v text unique)`. */
export const test = base.extend<SandboxFixtures>({
  outside: async ({ emptyDatabase }, use) => {
    const client = new pg.Client(emptyDatabase.url)
    client.on('error', () => undefined)
    await client.connect()
    await client.query('create table t (id int primary key, v text unique)')
    await use(client)
    await client.end()
  },
  patience: [undefined, { option: true }],
  sandbox: async ({ emptyDatabase, outside: _table, patience }, use) => {
    const sandbox = await Sandbox.connect(emptyDatabase.url, undefined, undefined, patience)
    await use(sandbox)
    await sandbox.dispose()
  },
  pool: async ({ sandbox }, use) => use(new SandboxPool(sandbox, 'pool')),
})

/** Fixtures for `test.extend`, in tests of a wait that ends in an error. */
export const impatience = { patience: 200 }

/** The single value that a query returns. */
export async function scalar(client: pg.Pool | pg.ClientBase, sql: string): Promise<unknown> {
  const { rows } = await client.query<Record<string, unknown>>(sql)
  return Object.values(rows[0] ?? {})[0]
}
