/**
 * Fixtures for tests of real clients: ways to connect to an open sandbox, and a check that all their work is rolled
 * back.
 */
import { expect } from '@playwright/test'
import pg from 'pg'
import { templateFunctions } from '../../postgres/templates/template-functions.ts'
import { test as base, scalar } from '../testing/sandbox-fixture.ts'
import type { MemorySocket } from '../transport/memory-socket.ts'

/** A way to connect to the sandbox. */
export interface Way {
  /** The sandbox's URL, with user and database. */
  readonly url: string
  /** For clients that use a given pool. */
  readonly pool: pg.Pool
  /**
   * Creates the stream of a connection, for clients that accept one; undefined where the client uses system sockets.
   */
  readonly stream: (() => MemorySocket) | undefined
}

interface ClientFixtures {
  /** Opens the sandbox; at the end, closes it and checks that the database is unchanged. */
  undone: undefined
  /** Over TCP, as from another process. */
  tcp: Way
  /** In memory, within this process. */
  memory: Way
}

/**
 * Like the test of `sandbox-fixture.ts`, with an empty table `t (id int primary key, v text unique)`, and with the
 * functions of a template.
 */
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
