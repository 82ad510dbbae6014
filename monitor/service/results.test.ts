import { mkdir, rm, writeFile } from 'node:fs/promises'
import path from 'node:path'
import { expect } from '@playwright/test'
import { noMaintenance } from '../store/check-rules.ts'
import { readStates } from '../store/checks.ts'
import { planSlots } from '../store/slots.ts'
import { openSpool } from '../store/spool.ts'
import { ago, enterHome, monitor, outcomeOf, startDue, test } from '../store/store-fixture.ts'
import { openResults } from './results.ts'

test('disks full: what neither the database nor this machine takes is kept in memory, and each result goes in once', async ({
  pool,
}, info) => {
  await monitor(pool, { name: 'users' }, { name: 'orders' }, { name: 'plans' })
  await planSlots(
    pool,
    ['orders', 'plans', 'users'].map(check => ({ check, due: ago(5), location: 'home' })),
  )
  const [orders, plans, users] = await startDue(pool, await enterHome(pool))
  if (!orders || !plans || !users) throw new Error('Nothing was started.')
  // As Postgres says when its disk is full.
  await pool.query(`
    create function full_disk() returns trigger language plpgsql as $$ begin
      raise exception 'could not extend file "base/5/1259": No space left on device' using errcode = '53100';
    end $$;
    create trigger full_disk before update on reprise.replays for each row execute function full_disk()`)
  // Nothing can be made in it.
  const folder = path.join(info.outputPath('own'), 'results')
  await writeFile(path.dirname(folder), '')
  const told: string[] = []
  const tell = (what: string) => ({
    onError: ({ message }: Error) => told.push(`${what}: ${message}`),
    onDone: () => told.push(`${what} works`),
  })
  const results = openResults({
    pool,
    spool: openSpool(folder),
    isInMaintenance: noMaintenance,
    recording: tell('recording'),
    keeping: tell('keeping'),
  })
  const noRoom = expect.stringMatching(
    /^keeping: The result of check users cannot be kept in .*results: .* Free some space there/,
  )
  await results.take(outcomeOf(users))
  expect(told.splice(0)).toEqual(['recording: could not extend file "base/5/1259": No space left on device', noRoom])
  await expect(results.catchUp()).rejects.toThrow('No space left on device')
  expect(told.splice(0)).toEqual([noRoom])
  expect(results.unkept()).toMatchObject([{ check: 'users' }])
  // Then this machine has room, the database has none yet.
  await rm(path.dirname(folder))
  await mkdir(path.dirname(folder))
  await results.take(outcomeOf(orders, 'failed'))
  await expect(results.catchUp()).rejects.toThrow('No space left on device')
  expect(told.splice(0)).toEqual([expect.stringContaining('recording: '), 'keeping works'])
  // Now it would survive the end of this process.
  expect(results.unkept()).toEqual([])
  expect((await readStates(pool)).map(({ lastReplay }) => lastReplay)).toEqual([null, null, null])
  await pool.query('drop function full_disk cascade')
  await results.take(outcomeOf(plans))
  await results.catchUp()
  await results.catchUp()
  expect(told.splice(0)).toEqual(['keeping works', 'recording works', 'keeping works', 'recording works'])
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
