/** One session's settings, whatever their names, neither show in another session nor stop it. */
import { expect } from '@playwright/test'
import pg from 'pg'
import { scalar, test } from '../../testing/sandbox-fixture.ts'

const names = {
  'a keyword': 'user.id',
  'two keywords': 'order.table',
  'upper case': 'App.Tenant_ID',
  'a letter that is not of ASCII': 'Büro.Größe',
  'an upper-case letter that is not of ASCII': 'app.Österreich',
  'a dollar sign': 'app.cost$',
  'a hyphen': 'app-1.tenant-id',
  'a quote': 'app."x".y',
  'more bytes than an identifier has': `app.${'x'.repeat(100)}`,
} as const

for (const [what, name] of Object.entries(names)) {
  const show = `select current_setting('${name}', true)`

  test(`a parameter whose name has ${what}, set by set_config()`, async ({ sandbox, pool, outside }) => {
    const set = `select set_config('${name}', '7', false)`
    // From Postgres 16 on a server accepts identifiers only.
    const refusal = await refusalOf(outside.query(set))
    sandbox.open()
    const client = await pool.connect()
    expect(await refusalOf(client.query(set))).toEqual(refusal)
    if (refusal) {
      client.release()
      await sandbox.close()
      return
    }
    expect(await scalar(pool, show)).not.toBe('7')
    expect(await scalar(client, show)).toBe('7')
    expect(await scalar(pool, show)).not.toBe('7')
    client.release()
    await sandbox.close()
  })

  test(`a parameter whose name has ${what}, set by the startup packet`, async ({ sandbox, pool, emptyDatabase }) => {
    const bare = startWith(emptyDatabase.url, name)
    const refusal = await refusalOf(bare.connect())
    await bare.end()
    sandbox.open()
    const client = startWith(sandbox.url, name)
    expect(await refusalOf(client.connect())).toEqual(refusal)
    if (refusal) {
      await sandbox.close()
      return
    }
    expect(await scalar(client, show)).toBe('7')
    expect(await scalar(pool, show)).not.toBe('7')
    await client.query(`begin; select set_config('${name}', '8', false); commit`)
    expect(await scalar(client, show)).toBe('8')
    await client.query('discard all')
    expect(await scalar(client, show)).toBe('7')
    await client.end()
    await sandbox.close()
  })
}

/** A client whose startup packet sets the parameter to 7. */
function startWith(url: string, name: string): pg.Client {
  const client = new pg.Client(url)
  client.on('error', () => undefined)
  const { user, database } = client
  // `pg` has no option for it.
  Object.assign(client, { getStartupConf: () => ({ user, database, [name]: '7' }) })
  return client
}

/** The code and message of a request's error; undefined for one that succeeds. */
const refusalOf = (request: Promise<unknown>): Promise<{ code: string; message: string } | undefined> =>
  request.then(
    () => undefined,
    ({ code, message }) => ({ code, message }),
  )

test('a parameter that cannot be reset any more', async ({ sandbox, pool }) => {
  sandbox.open()
  const client = await pool.connect()
  await client.query("set plpgsql.unknown = 'x'; set app.tenant = 'ada'")
  // The language, once it is loaded, takes every parameter of this prefix for its own, and knows no such one.
  await client.query('do $$ begin end $$')
  expect(await scalar(pool, "select current_setting('app.tenant', true)")).toBe('')
  client.release()
  await sandbox.close()
})

test('parameters that change how SQL is read', async ({ sandbox, pool }) => {
  sandbox.open()
  const [odd, other] = [await pool.connect(), await pool.connect()]
  const path = String.raw`C:\temp\é`
  await other.query(`set app.path = '${path}'; select set_config('app.tenant', 'é', false)`)
  for (const set of ['set standard_conforming_strings = off', 'set client_encoding = latin1']) {
    await odd.query(set)
    expect(await scalar(other, 'show app.path')).toBe(path)
    expect(await scalar(other, 'show app.tenant')).toBe('é')
    await odd.query('reset all')
  }
  odd.release()
  other.release()
  await sandbox.close()
})
