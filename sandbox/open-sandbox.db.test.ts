import { expect } from '@playwright/test'
import pg from 'pg'
import { withClient } from '../postgres/connection.ts'
import { test as base } from '../postgres/testing/server-fixture.ts'
import { type OpenSandbox, openSandbox } from './index.ts'
import { scalar } from './testing/sandbox-fixture.ts'

const test = base.extend<{ sandbox: OpenSandbox }>({
  sandbox: async ({ emptyDatabase }, use) => {
    await withClient(emptyDatabase.url, client => client.query('create table t (id int)'))
    const sandbox = await openSandbox({ databaseUrl: emptyDatabase.url })
    await use(sandbox)
    await sandbox.close()
  },
})

const count = (client: pg.Pool | pg.ClientBase) => scalar(client, 'select count(*)::int from t')

test('rollback undoes the work of the pool and of clients of the URL, which stay connected', async ({
  sandbox,
  emptyDatabase,
}) => {
  const client = new pg.Client(sandbox.url)
  await client.connect()
  await client.query('begin; insert into t values (1); commit')
  await sandbox.pool.query('insert into t values (2)')
  expect(await count(client)).toBe(2)
  await sandbox.rollback()
  expect([await count(client), await count(sandbox.pool)]).toEqual([0, 0])
  await client.query('insert into t values (3)')
  await sandbox.rollback()
  expect(await withClient(emptyDatabase.url, count)).toBe(0)
  await client.end()
})

test('rollback waits for a statement that is running', async ({ sandbox }) => {
  await sandbox.pool.query('select 1')
  const running = sandbox.pool.query('insert into t select 1 from pg_sleep(0.2)')
  await sandbox.rollback()
  expect((await running).rowCount).toBe(1)
  expect(await count(sandbox.pool)).toBe(0)
})

test('rollback names a client that was not released, once, and its transaction', async ({ sandbox }) => {
  const client = await sandbox.pool.connect()
  await client.query('begin')
  const problem = await sandbox.rollback().catch((error: Error) => error)
  expect(String(problem)).toMatch(/never released: .*open-sandbox\.db\.test\.ts:\d+/)
  expect(String(problem)).toContain('A session was still active when the test ended, and was terminated')
  // Other test runners print the stack only.
  expect(Object(problem).stack).toContain(Object(problem).message)
  expect(await count(sandbox.pool)).toBe(0)
  await sandbox.rollback()
  client.release(true)
})

test('close rolls back and disconnects; a second close does nothing', async ({ sandbox, emptyDatabase }) => {
  await sandbox.pool.query('insert into t values (1)')
  await Promise.all([sandbox.close(), sandbox.close()])
  await expect(withClient(sandbox.url, count)).rejects.toThrow('ECONNREFUSED')
  await expect(sandbox.pool.query('select 1')).rejects.toThrow('after calling end on the pool')
  expect(await withClient(emptyDatabase.url, count)).toBe(0)
})

test('a sandbox whose connection was lost reports it, and does not open again', async ({ sandbox, emptyDatabase }) => {
  const backend = await scalar(sandbox.pool, 'select pg_backend_pid()')
  await withClient(emptyDatabase.url, client => client.query('select pg_terminate_backend($1)', [backend]))
  await expect(sandbox.rollback()).rejects.toThrow('terminating connection due to administrator command')
  await expect(sandbox.rollback()).rejects.toThrow('close this sandbox and open another')
})

for (const [databaseUrl, reason] of [
  [
    'localhost:5432/shop',
    'databaseUrl is "localhost:5432/shop", which is not the URL of a database; write postgres://',
  ],
  ['postgres://me:pw@127.0.0.1:1/shop', 'databaseUrl names postgres://me:***@127.0.0.1:1/shop, which cannot be used'],
] as const) {
  test(`${databaseUrl} is refused`, async () => {
    await expect(openSandbox({ databaseUrl })).rejects.toThrow(reason)
  })
}
