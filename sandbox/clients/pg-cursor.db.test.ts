/** `pg-cursor`: portals and row limits. */
import { expect } from '@playwright/test'
import Cursor from 'pg-cursor'
import { scalar } from '../testing/sandbox-fixture.ts'
import { test } from './client-fixture.ts'
import { failureOf } from './expectations.ts'

const numbers = 'select n from generate_series(1, $1) n'

for (const way of ['tcp', 'memory'] as const) {
  test(`reads a cursor to its end in portions, outside and inside a transaction: ${way}`, async ({ tcp, memory }) => {
    const { pool } = { tcp, memory }[way]
    const client = await pool.connect()
    for (const begin of ['select 1', 'begin']) {
      await client.query(begin)
      const cursor = client.query(new Cursor<{ n: number }>(numbers, [250]))
      const sizes: number[] = []
      for (;;) {
        const rows = await cursor.read(100)
        sizes.push(rows.length)
        if (rows.length === 0) break
      }
      expect(sizes).toEqual([100, 100, 50, 0])
      await cursor.close()
    }
    await client.query("insert into t values (1, 'after the cursor')")
    await client.query('commit')
    client.release()
    expect(await scalar(pool, 'select v from t')).toBe('after the cursor')
  })

  test(`other clients continue after a cursor is closed early: ${way}`, async ({ tcp, memory }) => {
    const { pool } = { tcp, memory }[way]
    const client = await pool.connect()
    const cursor = client.query(new Cursor<{ n: number }>(numbers, [1_000_000]))
    expect(await cursor.read(2)).toEqual([{ n: 1 }, { n: 2 }])
    const others = Promise.all([1, 2, 3].map(id => pool.query('insert into t values ($1)', [id])))
    await cursor.close()
    await others
    client.release()
    expect(await scalar(pool, 'select count(*)::int from t')).toBe(3)
  })
}

test('a cursor whose query fails after some rows undoes its own work, and nothing else', async ({ tcp: { pool } }) => {
  await pool.query('insert into t values (0)')
  const client = await pool.connect()
  const cursor = client.query(new Cursor('select 10 / (3 - n) as q from generate_series(1, 5) n'))
  expect(await cursor.read(2)).toEqual([{ q: 5 }, { q: 10 }])
  expect(await failureOf(cursor.read(2))).toMatchObject({ code: '22012' })
  await client.query('insert into t values (1)')
  client.release()
  expect(await scalar(pool, 'select count(*)::int from t')).toBe(2)
})
