/** Notifications reach the listening sessions of a sandbox, and no other client. */
import { once } from 'node:events'
import { expect } from '@playwright/test'
import pg from 'pg'
import { templateFunctions } from '../../../postgres/templates/template-functions.ts'
import { scalar, test } from '../../testing/sandbox-fixture.ts'

const heard = async (client: pg.Client): Promise<unknown[]> => {
  const [{ channel, payload }] = await once(client, 'notification')
  return [channel, payload]
}

test('an idle client is notified at the commit of another', async ({ sandbox, pool, outside }) => {
  sandbox.open()
  const listener = new pg.Client(sandbox.url)
  await listener.connect()
  await listener.query('listen "Orders"')
  await outside.query('listen "Orders"')
  const told: unknown[] = []
  outside.on('notification', notification => told.push(notification))
  const first = heard(listener)
  await pool.query(`notify "Orders", '1'`)
  expect(await first).toEqual(['Orders', '1'])
  const second = heard(listener)
  await pool.query('listen elsewhere')
  await pool.query(`begin; notify elsewhere; notify "Orders", '2'; commit`)
  expect(await second).toEqual(['Orders', '2'])
  await sandbox.close()
  // Nothing of it has left the sandbox.
  expect(await scalar(outside, 'select 1')).toBe(1)
  expect(told).toEqual([])
  await listener.end()
})

test('pg_notify, also in a trigger, notifies the listeners where the database comes from a template', async ({
  sandbox,
  pool,
  outside,
}) => {
  await outside.query(await templateFunctions(outside))
  await outside.query(`
    create function tell() returns trigger language plpgsql as $$
      begin perform pg_notify('rows', new.id::text); return new; end $$;
    create trigger tells after insert on t for each row execute function tell()`)
  sandbox.open()
  await pool.query('insert into t values (0)')
  const listener = new pg.Client(sandbox.url)
  await listener.connect()
  await listener.query('listen rows')
  await pool.query('begin; insert into t values (1); rollback')
  const first = heard(listener)
  await pool.query('insert into t values (2)')
  expect(await first).toEqual(['rows', '2'])
  const second = heard(listener)
  await pool.query('select pg_notify($1, $2)', ['rows', 'by hand'])
  expect(await second).toEqual(['rows', 'by hand'])
  await sandbox.close()
  await listener.end()
})

for (const [how, behave] of Object.entries({
  'is in a transaction': (listener: pg.Client) => listener.query('begin'),
  'reads nothing': async (listener: pg.Client) => listener.connection.stream.pause(),
})) {
  test(`a listener that ${how} does not make the sandbox keep notifications without end`, async ({ sandbox, pool }) => {
    sandbox.open()
    const listener = new pg.Client(sandbox.url)
    await listener.connect()
    await listener.query('listen news')
    await behave(listener)
    let told = 0
    listener.on('notification', () => told++)
    const burst = Array.from({ length: 50 }, (_, n) => `notify news, '${String(n).padEnd(7900, '-')}'`).join('; ')
    let bursts = 0
    const notifying = async () => {
      for (; bursts < 200; bursts++) await pool.query(burst)
    }
    await expect(notifying()).rejects.toMatchObject({ code: '54000' })
    expect(bursts).toBeGreaterThan(10)
    listener.connection.stream.resume()
    await listener.query('rollback')
    await expect.poll(() => told).toBe(50 * bursts)
    const heardAgain = heard(listener)
    await pool.query("notify news, 'again'")
    expect(await heardAgain).toEqual(['news', 'again'])
    await listener.end()
    await sandbox.close()
  })
}

test('a client goes on listening in the next test, and on a dedicated connection', async ({ sandbox, pool }) => {
  sandbox.openDirect()
  const listener = new pg.Client(sandbox.url)
  await listener.connect()
  await listener.query('listen a')
  const first = heard(listener)
  await pool.query("notify a, 'direct'")
  expect(await first).toEqual(['a', 'direct'])
  await sandbox.close()
  sandbox.open()
  const second = heard(listener)
  await pool.query("notify a, 'shared'")
  expect(await second).toEqual(['a', 'shared'])
  await sandbox.close()
  await sandbox.openDirect()
  const third = heard(listener)
  await pool.query("notify a, 'direct again'")
  expect(await third).toEqual(['a', 'direct again'])
  await sandbox.close()
  await listener.end()
})
