/** Advisory locks block other sessions as they do on a server. */
import { expect } from '@playwright/test'
import pg from 'pg'
import { test as base, impatience, scalar } from '../testing/sandbox-fixture.ts'

const test = base.extend<{ clients: [pg.Client, pg.Client] }>({
  clients: async ({ sandbox }, use) => {
    sandbox.open()
    const clients: [pg.Client, pg.Client] = [new pg.Client(sandbox.url), new pg.Client(sandbox.url)]
    for (const client of clients) {
      client.on('error', () => undefined)
      await client.connect()
    }
    await use(clients)
    for (const client of clients) await client.end()
  },
})

const tryLock = 'select pg_try_advisory_lock(1)'

test('a session-level lock is held until the session releases it', async ({ clients: [one, two] }) => {
  expect(await scalar(one, tryLock)).toBe(true)
  expect(await scalar(one, tryLock)).toBe(true)
  expect(await scalar(two, tryLock)).toBe(false)
  await one.query('select pg_advisory_unlock($1)', [1])
  expect(await scalar(two, tryLock)).toBe(false)
  await one.query('rollback; select pg_advisory_unlock_all()')
  expect(await scalar(two, tryLock)).toBe(true)
})

test('a transaction-level lock is released at the end of the transaction', async ({ clients: [one, two] }) => {
  await one.query('begin')
  await one.query('insert into t values (1)')
  await one.query('select pg_advisory_xact_lock($1, $2) as locked', [1, 2])
  expect(await scalar(one, 'select count(*)::int from t')).toBe(1)
  const waiting = two.query('select pg_advisory_xact_lock(1, 2)')
  await one.query('commit')
  await waiting
  await two.query('begin; select pg_advisory_xact_lock(1, 2); insert into t values (2); rollback')
  expect(await scalar(one, 'select pg_try_advisory_xact_lock(1, 2)')).toBe(true)
  expect(await scalar(two, 'select count(*)::int from t')).toBe(1)
})

test('a lock timeout fails the transaction', async ({ clients: [one, two] }) => {
  await one.query('select pg_advisory_lock(1)')
  await two.query("begin; insert into t values (1); set local lock_timeout = '20ms'; savepoint a")
  await expect(two.query('select pg_advisory_xact_lock(1)')).rejects.toMatchObject({ code: '55P03' })
  await expect(two.query('select 1')).rejects.toMatchObject({ code: '25P02' })
  await two.query('rollback to a')
  expect(await scalar(two, 'select count(*)::int from t')).toBe(1)
  await one.query('select pg_advisory_unlock(1)')
  expect(await scalar(two, 'select pg_try_advisory_xact_lock(1)')).toBe(true)
  await two.query('commit')
  await expect(one.query("set lock_timeout = '20ms'; select pg_advisory_lock(1)")).resolves.toBeTruthy()
})

const impatient = test.extend(impatience)

impatient(
  'a session that waits for an advisory lock counts as an idle holder of the connection lock',
  async ({ sandbox, clients: [one, two] }) => {
    await one.query('select pg_advisory_lock(1)')
    await two.query('begin; insert into t values (1)')
    const waiting = two.query('select pg_advisory_lock(1)')
    await expect(one.query('select 1')).rejects.toMatchObject({ code: '55P03' })
    await one.query('select pg_advisory_unlock(1)')
    await waiting
    await two.query('commit')
    expect((await sandbox.close()).contentions).toHaveLength(1)
  },
)

test('locks are released when their client disconnects or the test ends', async ({
  sandbox,
  outside,
  clients: [one, two],
}) => {
  const gone = new pg.Client(sandbox.url)
  await gone.connect()
  await gone.query('select pg_advisory_lock(1)')
  const waiting = two.query('select pg_advisory_lock(1)')
  await gone.end()
  await waiting
  expect(await scalar(outside, tryLock)).toBe(false)
  await sandbox.close()
  expect(await scalar(outside, tryLock)).toBe(true)
  await outside.query('select pg_advisory_unlock(1)')
  sandbox.open()
  expect(await scalar(one, tryLock)).toBe(true)
})

test('the server detects a deadlock of two sessions', async ({ clients: [one, two] }) => {
  await one.query('select pg_advisory_lock(1)')
  await two.query('select pg_advisory_lock(2)')
  const lock = (client: pg.Client, key: number) =>
    client.query('select pg_advisory_lock($1)', [key]).catch(async error => {
      await client.query('select pg_advisory_unlock_all()')
      throw error
    })
  const results = await Promise.allSettled([lock(one, 2), lock(two, 1)])
  const failed = results.filter(({ status }) => status === 'rejected')
  expect(failed).toMatchObject([{ reason: { code: '40P01' } }])
})
