/** Statements that cannot run inside a transaction fail with the server's error and a hint with the remedy. */
import { expect } from '@playwright/test'
import { test } from '../testing/sandbox-fixture.ts'

const hint = expect.stringContaining("test.use({ isolation: 'database' })")

for (const [what, code, sql] of [
  ['VACUUM', '25001', 'vacuum t'],
  ['CREATE INDEX CONCURRENTLY', '25001', 'create index concurrently on t (v)'],
  ['a procedure that commits', '2D000', 'create procedure p() language plpgsql as $$ begin commit; end $$; call p()'],
  ['a block that rolls back', '2D000', 'do $$ begin rollback; end $$'],
  ['a new value of an enum', '55P04', "alter type mood add value 'new'; select 'new'::mood"],
  ['PREPARE TRANSACTION', '0A000', "begin; prepare transaction 'x'"],
  ['the export of a snapshot', '25001', 'begin; select pg_export_snapshot()'],
] as const) {
  test(`${what} fails with a hint`, async ({ sandbox, pool }) => {
    sandbox.open()
    await pool.query("create type mood as enum ('old')")
    const client = await pool.connect()
    const error = await client.query(sql).catch(error => error)
    expect(error).toMatchObject({ code, hint })
    client.release(true)
    await sandbox.close()
  })
}

test('an error that a bare server reports as well gets no hint', async ({ sandbox, pool }) => {
  sandbox.open()
  const client = await pool.connect()
  await client.query('begin')
  const error = await client.query('vacuum t').catch(error => error)
  expect(error).toMatchObject({ code: '25001', hint: undefined })
  client.release(true)
  await sandbox.close()
})
