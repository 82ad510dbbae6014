/** What a function sets by set_config() belongs to its session, where the database comes from a template. */
import { expect } from '@playwright/test'
import pg from 'pg'
import { templateFunctions } from '../../../postgres/templates/template-functions.ts'
import { scalar, test } from '../../testing/sandbox-fixture.ts'

const tenant = "select current_setting('app.tenant', true)"

for (const [how, minimum] of [
  ['a client that receives notices', 'notice'],
  ['a client that receives none', 'error'],
] as const) {
  test(`what a function sets belongs to its session, until the end of the session or transaction: ${how}`, async ({
    sandbox,
    outside,
  }) => {
    await outside.query(await templateFunctions(outside))
    await outside.query(`create function become(who text, local bool) returns text language plpgsql as $$
      begin perform set_config('App.tenant', who, local); return current_setting('app.tenant'); end $$`)
    sandbox.open()
    const [one, other] = [new pg.Client(sandbox.url), new pg.Client(sandbox.url)]
    const notices: unknown[] = []
    for (const client of [one, other]) {
      client.on('notice', notice => notices.push(notice.message))
      await client.connect()
      await client.query(`set client_min_messages = ${minimum}`)
    }
    await one.query('begin')
    expect(await scalar(one, "select become('ada', true)")).toBe('ada')
    expect(await scalar(one, tenant)).toBe('ada')
    await one.query('commit')
    expect(await scalar(one, tenant)).toBe('')
    expect(await scalar(one, "select become('ada', false)")).toBe('ada')
    expect(await scalar(other, tenant)).toBe('')
    expect(await scalar(other, "select become('bob', false)")).toBe('bob')
    expect(await scalar(one, tenant)).toBe('ada')
    await other.query("begin; select become('eve', false); rollback")
    expect(await scalar(other, tenant)).toBe('bob')
    await one.query("set app.tenant = 'ann'; select set_config('app.tenant', 'amy', true)")
    expect(await scalar(one, tenant)).toBe('ann')
    await one.query("select set_config('app.tenant', 'abe', false), set_config('app.tenant', 'amy', true)")
    expect(await scalar(one, tenant)).toBe('abe')
    expect(notices).toEqual([])
    for (const client of [one, other]) await client.end()
    await sandbox.close()
  })
}

test('an error of a replaced function has the call stack of the original', async ({ pool, sandbox, outside }) => {
  await outside.query(`create function enter(name text) returns void language plpgsql as $$
    begin perform set_config(name, '7', false); perform pg_notify(name, '8'); end $$`)
  const texts = [
    "select set_config('nope', '1', false)",
    "select pg_notify('', 'x')",
    "select enter('nope')",
    `select enter('app.${'x'.repeat(64)}')`,
  ]
  const errors = async (client: pg.ClientBase) => {
    const found: unknown[] = []
    for (const text of texts) {
      found.push(await client.query(text).catch(({ code, message, where }) => ({ code, message, where })))
    }
    return found
  }
  const expected = await errors(outside)
  await outside.query(await templateFunctions(outside))
  for (const open of [() => sandbox.open(), () => sandbox.openDirect()]) {
    await open()
    const client = await pool.connect()
    expect(await errors(client)).toEqual(expected)
    client.release()
    await sandbox.close()
  }
})

test('the name of what a function sets differs in case only by ASCII letters', async ({ sandbox, pool, outside }) => {
  await outside.query(await templateFunctions(outside))
  await outside.query(`create function enter() returns void language plpgsql as $$
    begin perform set_config('App.Österreich', '7', false); end $$`)
  sandbox.open()
  const client = await pool.connect()
  await client.query('select enter()')
  const show = "select current_setting('app.Österreich', true)"
  expect(await scalar(client, show)).toBe('7')
  expect(await scalar(pool, show)).not.toBe('7')
  expect(await scalar(client, show)).toBe('7')
  client.release()
  await sandbox.close()
})

test('a timeout that a function sets ends its session, and not the shared connection', async ({
  sandbox,
  pool,
  outside,
}) => {
  await outside.query(await templateFunctions(outside))
  await outside.query(`create function hurry() returns text language sql as
    $$ select set_config('idle_in_transaction_session_timeout', '100ms', true) $$`)
  sandbox.open()
  const client = new pg.Client(sandbox.url)
  const ended = new Promise(resolve => client.on('error', error => resolve(Object(error).code)))
  await client.connect()
  await client.query('begin; insert into t values (1)')
  expect(await scalar(client, 'select hurry()')).toBe('100ms')
  expect(await ended).toBe('25P03')
  expect(await scalar(pool, 'select count(*)::int from t')).toBe(0)
  expect(await sandbox.close()).toMatchObject({ active: [], broken: undefined })
})
