import { Client, DatabaseError, Pool } from 'pg'
import { expect, test } from '../testing/test.ts'
import { isDatabaseAway } from './database-away.ts'
import { serve } from './server.ts'

for (const code of ['08006', '53300', '57P01', '57P02', '57P03']) {
  test(`SQLSTATE ${code}: away`, () => {
    expect(isDatabaseAway(databaseError(code))).toBe(true)
  })
}

for (const code of ['23505', '22021', '42P01', '28P01', '57014', '55P03', '40001']) {
  test(`SQLSTATE ${code}: an error of a reachable database`, () => {
    expect(isDatabaseAway(databaseError(code))).toBe(false)
  })
}

test('a closed port: away', async () => {
  const client = new Client({ host: '127.0.0.1', port: 1 })
  expect(isDatabaseAway(await client.connect().catch(error => error))).toBe(true)
})

test('no such host: away', async () => {
  const client = new Client({ host: 'database.invalid' })
  expect(isDatabaseAway(await client.connect().catch(error => error))).toBe(true)
})

test("a server that accepts and does not respond: away, after the pool's timeout", async () => {
  const silent = await serve(() => undefined, '127.0.0.1', 0)
  const pool = new Pool({ host: '127.0.0.1', port: Number(new URL(silent.url).port), connectionTimeoutMillis: 50 })
  expect(isDatabaseAway(await pool.query('select 1').catch(error => error))).toBe(true)
  await pool.end()
  await silent.close(0)
})

test('an error of the app: not away', () => {
  expect(isDatabaseAway(new TypeError('undefined is not a function'))).toBe(false)
  expect(isDatabaseAway('ECONNREFUSED')).toBe(false)
})

function databaseError(code: string): DatabaseError {
  return Object.assign(new DatabaseError('', 0, 'error'), { code })
}
