/** For tests of real clients: the ways into an open sandbox, and the proof that nothing of the test has stayed. */
import { expect } from '@playwright/test'
import pg from 'pg'
import { templateFunctions } from '../../postgres/templates/template-functions.ts'
import { test as base, scalar } from '../testing/sandbox-fixture.ts'
import type { MemorySocket } from '../transport/memory-socket.ts'

/** How a client reaches the sandbox. */
export interface Way {
  /** The sandbox's URL, which also names the user and the database. */
  readonly url: string
  /** For clients that work with somebody else's pool. */
  readonly pool: pg.Pool
  /** Makes a client's connection, for clients that take one; through the system's sockets if there is none. */
  readonly stream: (() => MemorySocket) | undefined
}

interface ClientFixtures {
  /** The sandbox is open; at the end, it is closed in order, and the database is as it was. */
  undone: undefined
  /** By TCP, as another process comes in. */
  tcp: Way
  /** Without leaving the process. */
  memory: Way
}

/** As in `sandbox-fixture.ts`, the table `t (id int primary key, v text unique)` is there, and empty; and the functions that each template has. */
export const test = base.extend<ClientFixtures>({
  undone: [
    async ({ sandbox, outside }, use) => {
      await outside.query(await templateFunctions(outside))
      sandbox.open()
      await use(undefined)
      expect(await sandbox.close()).toMatchObject({ active: [], contentions: [], broken: undefined })
      const relations =
        "select string_agg(relname, ' ') from pg_class where relkind in ('r', 'S', 'v') and relnamespace = 'public'::regnamespace"
      expect(await scalar(outside, relations)).toBe('t')
      expect(await scalar(outside, 'select count(*)::int from t')).toBe(0)
    },
    { auto: true },
  ],
  tcp: async ({ sandbox, undone: _ }, use) => {
    const pool = new pg.Pool({ connectionString: sandbox.url, max: 4 })
    await use({ url: sandbox.url, pool, stream: undefined })
    if (!pool.ended) await pool.end()
  },
  memory: async ({ sandbox, pool, undone: _ }, use) => {
    await use({ url: sandbox.url, pool, stream: () => sandbox.connectInMemory('the client').stream })
    if (!pool.ended) await pool.end()
  },
})
