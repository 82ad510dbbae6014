/** Statements that cannot run inside a transaction fail with the server's error and a hint with the remedy. */
import { expect } from '@playwright/test'
import { test } from '../testing/sandbox-fixture.ts'

const hint = expect.stringContaining("test.use({ isolation: 'database' })")

for (const [what, code, sql] of [
  ['VACUUM', '25001', 'vacuum t'],
  ['CREATE INDEX CONCURRENTLY', '25001', 'create index concurrently on t (v)'],
  ['REINDEX of a partitioned table', '25001', 'reindex table parts'],
  ['a procedure that commits', '2D000', 'call commits()'],
  ['a block that rolls back', '2D000', 'do $$ begin rollback; end $$'],
  ['a new value of an enum', '55P04', "select 'new'::mood"],
  ['PREPARE TRANSACTION', '0A000', "begin; prepare transaction 'x'"],
  ['the export of a snapshot', '25001', 'begin; select pg_export_snapshot()'],
] as const) {
  test(`${what} fails with a hint`, async ({ sandbox, pool }) => {
    sandbox.open()
    await pool.query("create type mood as enum ('old')")
    await pool.query("alter type mood add value 'new'")
    await pool.query('create table parts (id int primary key) partition by list (id)')
    await pool.query('create procedure commits() language plpgsql as $$ begin commit; end $$')
    const client = await pool.connect()
    const error = await client.query(sql).catch(error => error)
    expect(error).toMatchObject({ code, hint })
    client.release(true)
    await sandbox.close()
  })
}

for (const [what, code, texts] of [
  ['VACUUM in a transaction', '25001', ['begin', 'vacuum t']],
  ['VACUUM among other statements of a text', '25001', ['select 1; vacuum t']],
  ['VACUUM in a function', '25001', ["do $$ begin execute 'vacuum t'; end $$"]],
  ['a commit in a function', '2D000', ['select ends()']],
  ['a procedure that commits, among other statements of a text', '2D000', ['select 1; call commits()']],
  ['the export of a snapshot after a savepoint', '25001', ['begin', 'savepoint s', 'select pg_export_snapshot()']],
] as const) {
  test(`${what} fails without a hint, as on a server`, async ({ sandbox, pool, outside }) => {
    await outside.query(`create procedure commits() language plpgsql as $$ begin commit; end $$;
      create function ends() returns void language plpgsql as $$ begin commit; end $$`)
    sandbox.open()
    const errors: unknown[] = []
    const client = await pool.connect()
    for (const connection of [outside, client]) {
      for (const text of texts.slice(0, -1)) await connection.query(text)
      errors.push(await connection.query(texts.at(-1) ?? '').catch(error => error))
      await connection.query('rollback')
    }
    client.release()
    expect(errors[0]).toMatchObject({ code, hint: undefined })
    expect(errors[1]).toMatchObject({ code, hint: undefined })
    expect(errors[1]).toHaveProperty('message', Object(errors[0]).message)
    await sandbox.close()
  })
}
