/** `pg_dump`: its dump contains rows that exist only in the sandbox's transaction. */
import { expect } from '@playwright/test'
import type { DatabaseServer } from '../../postgres/server.ts'
import { createClone } from '../../postgres/templates/clone.ts'
import { scalar } from '../testing/sandbox-fixture.ts'
import { test as base } from './client-fixture.ts'
import { runProgram } from './program.ts'
import { startSystemServer, whyNoSystemServer } from './system-server.ts'

const test = base.extend<object, { systemServer: DatabaseServer }>({
  systemServer: [
    async ({}, use) => {
      const server = await startSystemServer()
      await use(server)
      await server.stop()
    },
    { scope: 'worker' },
  ],
  emptyDatabase: async ({ systemServer }, use) => {
    const database = await createClone(systemServer)
    await use(database)
    await database.drop()
  },
})

const missing = whyNoSystemServer()
test.skip(missing !== undefined, missing)

test('a dump contains the rows of the sandbox, and can be restored into it', async ({ tcp: { url, pool } }) => {
  await pool.query("insert into t values (1, 'one'), (2, 'tab\there')")
  await pool.query('create table made (id serial primary key, t int references t)')
  await pool.query('insert into made (t) values (1)')
  const { stdout: dump, stderr } = await runProgram('pg_dump', ['--clean', '--no-owner', url])
  expect(stderr).toBe('')
  expect(dump).toContain('COPY public.t (id, v) FROM stdin;\n1\tone\n2\ttab\\there\n\\.\n')
  expect(dump).toContain('COPY public.made (id, t) FROM stdin;\n1\t1\n\\.\n')
  expect(dump).toContain("SELECT pg_catalog.setval('public.made_id_seq', 1, true);")

  await pool.query("delete from made; update t set v = 'changed' where id = 1; insert into t values (3)")
  const restored = await runProgram('psql', ['--no-psqlrc', '--quiet', '--set=ON_ERROR_STOP=1', url], dump)
  expect(restored.stderr).toBe('')
  expect(await scalar(pool, 'select array_agg(v order by id) from t')).toEqual(['one', 'tab\there'])
  await pool.query('insert into made (t) values (2)')
  expect(await scalar(pool, 'select array_agg(id order by id) from made')).toEqual([1, 2])
})

test('dumps only data, as INSERT statements', async ({ tcp: { url, pool } }) => {
  await pool.query("insert into t values (1, 'one')")
  const { stdout } = await runProgram('pg_dump', ['--data-only', '--inserts', url])
  expect(stdout).toContain("INSERT INTO public.t VALUES (1, 'one');")
})
