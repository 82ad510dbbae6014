import { mkdir, readdir, rename, rm, writeFile } from 'node:fs/promises'
import path from 'node:path'
import { expect } from '@playwright/test'
import { noMaintenance } from '../store/check-rules.ts'
import { readStates } from '../store/checks.ts'
import { planSlots } from '../store/slots.ts'
import { openSpool } from '../store/spool.ts'
import { ago, enterHome, monitor, outcomeOf, startDue, test } from '../testing/store-fixture.ts'
import { openResults } from './results.ts'

test('with full disks, results that neither the database nor the disk accepts are kept in memory, and each is recorded once', async ({
  pool,
}, info) => {
  await monitor(pool, { name: 'users' }, { name: 'orders' }, { name: 'plans' })
  await planSlots(
    pool,
    ['orders', 'plans', 'users'].map(check => ({ check, due: ago(5), location: 'home' })),
  )
  const [orders, plans, users] = await startDue(pool, await enterHome(pool))
  if (!orders || !plans || !users) throw new Error('Nothing was started.')
  // The error of Postgres when its disk is full.
  await pool.query(`
    create function full_disk() returns trigger language plpgsql as $$ begin
      raise exception 'could not extend file "base/5/1259": No space left on device' using errcode = '53100';
    end $$;
    create trigger full_disk before update on reprise.replays for each row execute function full_disk()`)
  // No file can be created in it.
  const folder = path.join(info.outputPath('own'), 'results')
  await writeFile(path.dirname(folder), '')
  const logged: string[] = []
  const tell = (what: string) => ({
    onError: ({ message }: Error) => logged.push(`${what}: ${message}`),
    onDone: () => logged.push(`${what} works`),
  })
  const results = openResults({
    pool,
    spool: openSpool(folder),
    isInMaintenance: noMaintenance,
    recording: tell('recording'),
    keeping: tell('keeping'),
    complain: text => logged.push(text),
  })
  const noRoom = expect.stringMatching(
    /^keeping: The result of check users cannot be written to .*results: .* Free some space there/,
  )
  await results.take(outcomeOf(users))
  expect(logged.splice(0)).toEqual(['recording: could not extend file "base/5/1259": No space left on device', noRoom])
  await expect(results.catchUp()).rejects.toThrow('No space left on device')
  expect(logged.splice(0)).toEqual([noRoom])
  expect(results.unkept()).toMatchObject([{ check: 'users' }])
  // Then this machine has space, but not yet the database.
  await rm(path.dirname(folder))
  await mkdir(path.dirname(folder))
  await results.take(outcomeOf(orders, 'failed'))
  await expect(results.catchUp()).rejects.toThrow('No space left on device')
  // The database is not tried for each result while it is unavailable.
  expect(logged.splice(0)).toEqual(['keeping works'])
  // Now it would survive the end of this process.
  expect(results.unkept()).toEqual([])
  expect((await readStates(pool)).map(({ lastReplay }) => lastReplay)).toEqual([null, null, null])
  await pool.query('drop function full_disk cascade')
  await results.take(outcomeOf(plans))
  await results.catchUp()
  await results.catchUp()
  expect(logged.splice(0)).toEqual(['keeping works', 'recording works', 'keeping works', 'recording works'])
  expect((await readStates(pool)).map(({ name, lastReplay }) => `${name} ${lastReplay?.outcome}`)).toEqual([
    'orders failed',
    'plans passed',
    'users passed',
  ])
  const { rows } = await pool.query(
    `select sum(passed)::int as passed, sum(failed)::int as failed from reprise.rollups where period = 'day'`,
  )
  expect(rows).toEqual([{ passed: 2, failed: 1 }])
})

for (const [code, arrange, cause] of [
  [
    '22003',
    `insert into reprise.rollups (check_name, location, period, start, passed)
     select check_name, location, period, date_trunc(period, due, 'UTC'), 2147483647
       from reprise.slots, unnest(array['hour', 'day']) period where check_name = 'orders'`,
    'integer out of range',
  ],
  [
    '23514',
    `alter table reprise.slots add constraint no_orders check (check_name <> 'orders' or outcome is distinct from 'passed')`,
    'new row for relation "slots_\\d+" violates check constraint "no_orders"',
  ],
  [
    '54000',
    `create function too_long() returns trigger language plpgsql as $$ begin
       raise exception 'string too long to represent as jsonb string' using errcode = '54000';
     end $$;
     create trigger too_long before update on reprise.replays for each row
       when (new.check_name = 'orders' and new.outcome = 'passed') execute function too_long()`,
    'string too long to represent as jsonb string',
  ],
] as const) {
  test(`a result that the database always rejects (${code}) is set aside with its cause, and later results are recorded`, async ({
    pool,
  }, info) => {
    await monitor(pool, { name: 'orders' }, { name: 'users' })
    await planSlots(pool, [
      { check: 'orders', due: ago(5), location: 'home' },
      { check: 'users', due: ago(4), location: 'home' },
    ])
    const instance = await enterHome(pool)
    const started = [...(await startDue(pool, instance)), ...(await startDue(pool, instance))]
    await pool.query(arrange)
    const logged: string[] = []
    const folder = info.outputPath('results')
    const spool = openSpool(folder)
    const results = openResults({
      ...{ pool, spool, isInMaintenance: noMaintenance, complain: text => logged.push(text) },
      recording: { onError: ({ message }) => logged.push(message), onDone: () => undefined },
      keeping: { onError: ({ message }) => logged.push(message), onDone: () => undefined },
    })
    // As after a time without a database, or without disk space.
    for (const replay of started) await spool.keep(outcomeOf(replay))
    await results.catchUp()
    const name = `${String(started[0]?.due.getTime()).padStart(16, '0')}-${started[0]?.replay}.json`
    const file = path.join(folder, 'refused', name)
    expect(logged).toEqual([
      expect.stringMatching(
        new RegExp(
          `^The database rejects the result of check orders, due at 20.* UTC: ${cause}\\. Its replay has ended as an error, and it is set aside in ${file}: move it one folder up when the cause is gone\\.$`,
        ),
      ),
    ])
    const replays = async () =>
      (await pool.query('select check_name as name, outcome, reason from reprise.replays order by due')).rows
    expect(await replays()).toEqual([
      {
        name: 'orders',
        outcome: 'error',
        reason: expect.stringMatching(`^the monitor's database rejects the result: ${cause}$`),
      },
      { name: 'users', outcome: 'passed', reason: null },
    ])
    await results.catchUp()
    expect(logged.splice(0)).toHaveLength(1)
    // Nothing of it is lost, and it is recorded later.
    await pool.query(`drop function if exists too_long cascade; alter table reprise.slots drop constraint if exists no_orders;
                      update reprise.rollups set passed = 0 where passed > 1`)
    await rename(file, path.join(folder, name))
    await results.catchUp()
    expect(await replays()).toMatchObject([{ name: 'orders', outcome: 'passed', reason: null }, { name: 'users' }])
    expect(await readdir(folder)).toEqual(['refused'])
    expect(logged).toEqual([])
  })
}

test('a result that can be neither recorded nor set aside is reported, keeps waiting, and does not delay later results', async ({
  pool,
}, info) => {
  await monitor(pool, { name: 'orders' }, { name: 'users' })
  await planSlots(pool, [
    { check: 'orders', due: ago(5), location: 'home' },
    { check: 'users', due: ago(4), location: 'home' },
  ])
  const instance = await enterHome(pool)
  const [orders, users] = [...(await startDue(pool, instance)), ...(await startDue(pool, instance))]
  if (!orders || !users) throw new Error('Nothing was started.')
  const [logged, folder] = [[] as string[], info.outputPath('results')]
  const results = openResults({
    ...{ pool, spool: openSpool(folder), isInMaintenance: noMaintenance, complain: text => logged.push(text) },
    recording: { onError: ({ message }) => logged.push(message), onDone: () => logged.push('recording works') },
    keeping: { onError: ({ message }) => logged.push(message), onDone: () => undefined },
  })
  await pool.query(
    `alter table reprise.slots add constraint no_orders check (check_name <> 'orders' or state <> 'done')`,
  )
  await results.take(outcomeOf(orders))
  await results.take(outcomeOf(users))
  expect(logged).toEqual([])
  await results.catchUp()
  const refused = 'The database rejects the result of check orders, due at .*violates check constraint "no_orders"'
  expect(logged.splice(0)).toEqual([
    expect.stringMatching(`^${refused}\\. Its replay cannot be ended as an error either: new row .*"no_orders"$`),
  ])
  const outcomes = async () => (await pool.query('select outcome from reprise.replays order by due')).rows
  expect(await outcomes()).toEqual([{ outcome: null }, { outcome: 'passed' }])
  await pool.query('alter table reprise.slots drop constraint no_orders')
  await results.catchUp()
  expect(logged).toEqual(['recording works'])
  expect(await outcomes()).toEqual([{ outcome: 'passed' }, { outcome: 'passed' }])
})
