import { AsyncLocalStorage } from 'node:async_hooks'
import { expect } from '@playwright/test'
import Cursor from 'pg-cursor'
import type { StatementObserver } from '../execution/statement-observer.ts'
import { SandboxPool } from '../pool.ts'
import { test as base, type SandboxFixtures } from '../testing/sandbox-fixture.ts'

/** What an observer was called with, a line a call. */
const test = base.extend<SandboxFixtures & { seen: string[] }>({
  seen: async ({ sandbox }, use) => {
    const seen: string[] = []
    const observer: StatementObserver = {
      began: (_session, { sql, isSimpleQuery, bind }) =>
        seen.push(`${isSimpleQuery ? 'query' : 'execute'} ${sql}${bind ? ' with parameters' : ''}`),
      completed: (_session, tag) => seen.push(tag),
      failed: (_session, { code, position }) => seen.push(`error ${code} at ${position}`),
      ready: () => seen.push('ready'),
    }
    sandbox.observe(observer)
    sandbox.open()
    await use(seen)
    await sandbox.close()
  },
})

test('an observer sees what clients run, and nothing of the sandbox itself', async ({ pool, seen }) => {
  await pool.query('insert into t values ($1, $2)', [1, 'one'])
  const client = await pool.connect()
  await client.query("insert into t values (1, 'again')").catch(() => undefined)
  await client.query('begin')
  await client.query('select nothing from t where id = $1', [1]).catch(() => undefined)
  await client.query('rollback')
  await client.query("insert into t values (2, 'two'); delete from t")
  client.release()
  expect(seen).toEqual([
    ...['execute insert into t values ($1, $2) with parameters', 'INSERT 0 1', 'ready'],
    ...["query insert into t values (1, 'again')", 'error 23505 at undefined', 'ready'],
    ...['query begin', 'BEGIN', 'ready'],
    ...['execute select nothing from t where id = $1 with parameters', 'error 42703 at 8', 'ready'],
    ...['query rollback', 'ROLLBACK', 'ready'],
    ...["query insert into t values (2, 'two'); delete from t", 'INSERT 0 1', 'DELETE 2', 'ready'],
  ])
})

test('an Execute that reads a part of the rows has an end', async ({ pool, seen }) => {
  const client = await pool.connect()
  const cursor = client.query(new Cursor('select generate_series(1, 3)'))
  await cursor.read(2)
  await cursor.read(2)
  await cursor.close()
  client.release()
  const execute = 'execute select generate_series(1, 3) with parameters'
  expect(seen).toEqual([execute, '', execute, 'SELECT 1', 'ready'])
})

test('each query has the context of its call, however long it was queued', async ({ sandbox }) => {
  const contexts = new AsyncLocalStorage<unknown>()
  const pool = new SandboxPool(sandbox, 'pool', contexts)
  const causes: string[] = []
  sandbox.observe({ began: ({ causes: [cause] = [] }, { sql }) => causes.push(`${sql}: ${cause}`) })
  sandbox.open()
  const queries = Array.from({ length: 15 }, (_, request) => {
    return contexts.run(request, async () => {
      await pool.query(`select ${request}`)
      await Promise.all([pool.query(`select ${request}`), pool.query(`select ${request}`)])
    })
  })
  await Promise.all(queries)
  const client = await pool.connect()
  const both = [client.query('select 15'), contexts.run(16, () => client.query('select 16'))]
  await Promise.all(both)
  client.release()
  await sandbox.close()
  const expected = Array.from({ length: 15 }, (_, request) => `select ${request}: ${request}`)
  expect(causes.slice(0, 45).sort()).toEqual([...expected, ...expected, ...expected].sort())
  expect(causes.slice(45)).toEqual(['select 15: undefined', 'select 16: 16'])
})
