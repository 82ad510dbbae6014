/** `pg-copy-streams`: COPY in both directions, complete and aborted. */
import { Readable } from 'node:stream'
import { text } from 'node:stream/consumers'
import { pipeline } from 'node:stream/promises'
import { expect } from '@playwright/test'
import type pg from 'pg'
import { from, to } from 'pg-copy-streams'
import { scalar } from '../testing/sandbox-fixture.ts'
import { test } from './client-fixture.ts'
import { failureOf } from './expectations.ts'

const count = 'select count(*)::int from t'

for (const way of ['tcp', 'memory'] as const) {
  test(`copies rows in and out: ${way}`, async ({ tcp, memory }) => {
    const { pool } = { tcp, memory }[way]
    const client = await pool.connect()
    const lines = Array.from({ length: 10_000 }, (_, id) => `${id}\trow ${id}\n`)
    await pipeline(Readable.from(lines), client.query(from('copy t from stdin')))
    expect(await text(client.query(to('copy (select * from t order by id) to stdout')))).toBe(lines.join(''))
    client.release()
    expect(await scalar(pool, count)).toBe(10_000)
  })

  test(`an invalid row undoes the COPY, and nothing else: ${way}`, async ({ tcp, memory }) => {
    const { pool } = { tcp, memory }[way]
    const client = await pool.connect()
    await client.query('insert into t values (0)')
    expect(await failureOf(copyIn(client, ['1\tone\n', 'two\t2\n', '3\tthree\n']))).toMatchObject({ code: '22P02' })
    expect(await scalar(client, count)).toBe(1)
    await client.query('begin')
    await client.query('savepoint copy')
    expect(await failureOf(copyIn(client, ['1\tone\n', '1\tone\n']))).toMatchObject({ code: '23505' })
    await client.query('rollback to copy')
    await copyIn(client, ['1\tone\n', '2\ttwo\n'])
    await client.query('commit')
    client.release()
    expect(await scalar(pool, count)).toBe(3)
  })

  test(`a client aborts a COPY: ${way}`, async ({ tcp, memory }) => {
    const { pool } = { tcp, memory }[way]
    const client = await pool.connect()
    const source = async function* () {
      yield '1\tone\n'
      throw new Error('no more rows')
    }
    expect(await failureOf(pipeline(Readable.from(source()), client.query(from('copy t from stdin'))))).toBeInstanceOf(
      Error,
    )
    expect(await scalar(client, count)).toBe(0)
    await copyIn(client, ['1\tone\n'])
    client.release()
    expect(await scalar(pool, count)).toBe(1)
  })
}

function copyIn(client: pg.PoolClient, lines: string[]): Promise<void> {
  return pipeline(Readable.from(lines), client.query(from('copy t from stdin')))
}
