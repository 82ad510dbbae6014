/** `pg-query-stream`: rows as a Node stream, with back-pressure. */
import { expect } from '@playwright/test'
import QueryStream from 'pg-query-stream'
import { scalar } from '../testing/sandbox-fixture.ts'
import { test } from './client-fixture.ts'

for (const way of ['tcp', 'memory'] as const) {
  test(`streams rows to the end, and other clients continue: ${way}`, async ({ tcp, memory }) => {
    const { pool } = { tcp, memory }[way]
    const client = await pool.connect()
    let sum = 0
    const text = 'insert into t select n from generate_series(1, $1) n returning id'
    for await (const { id } of client.query(new QueryStream(text, [5000], { batchSize: 500 }))) sum += id
    client.release()
    expect(sum).toBe(12_502_500)
    expect(await scalar(pool, 'select count(*)::int from t')).toBe(5000)
  })

  test(`a stream is destroyed before its end, and its client remains usable: ${way}`, async ({ tcp, memory }) => {
    const { pool } = { tcp, memory }[way]
    const client = await pool.connect()
    const seen: number[] = []
    for await (const { n } of client.query(new QueryStream('select n from generate_series(1, 1000000) n'))) {
      seen.push(n)
      if (n === 3) break
    }
    expect(seen).toEqual([1, 2, 3])
    await client.query('insert into t values (1)')
    client.release()
    expect(await scalar(pool, 'select count(*)::int from t')).toBe(1)
  })
}
