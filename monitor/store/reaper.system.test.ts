import { fork } from 'node:child_process'
import { once } from 'node:events'
import path from 'node:path'
import { expect } from '@playwright/test'
import type pg from 'pg'
import { ago, enterHome, monitor, outcomeOf, slotStates, startDue, test } from '../testing/store-fixture.ts'
import { noMaintenance } from './check-rules.ts'
import { readStates } from './checks.ts'
import { beat, deadAfterMs } from './instances.ts'
import { reap } from './reaper.ts'
import { recordResult } from './replays.ts'
import { planSlots } from './slots.ts'

const nothing = { instances: 0, handedBack: 0, closed: 0 }

/** Makes the others' last heartbeat old, and this instance long alive. */
async function letTimePass(pool: pg.Pool, alive: { id: string }) {
  await pool.query(
    `update reprise.instances set alive_since = alive_since - $2 * interval '2 ms',
            heartbeat_at = case when id = $1 then heartbeat_at else heartbeat_at - $2 * interval '2 ms' end`,
    [alive.id, deadAfterMs],
  )
}

test('when an instance is killed, its started replays are closed once, and its claimed slots run elsewhere', async ({
  pool,
  emptyDatabase,
}) => {
  await monitor(pool, { name: 'started' }, { name: 'claimed' })
  await planSlots(pool, [
    { check: 'started', due: ago(3), location: 'home' },
    { check: 'claimed', due: ago(2), location: 'home' },
  ])
  const child = fork(path.join(import.meta.dirname, '../testing/killed-instance/main.ts'), [emptyDatabase.url], {
    execArgv: ['--import', 'tsx'],
  })
  expect(await once(child, 'message')).toMatchObject([{ started: 'started', claimed: 'claimed' }])
  child.kill('SIGKILL')
  await once(child, 'exit')
  const others = [await enterHome(pool), await enterHome(pool)]
  const [alive = await enterHome(pool)] = others
  expect(await reap(pool, alive, noMaintenance)).toEqual(nothing)
  await letTimePass(pool, alive)
  await Promise.all(others.map(other => beat(pool, other)))
  const reaped = await Promise.all(Array.from({ length: 6 }, () => reap(pool, alive, noMaintenance)))
  const sum = (key: keyof typeof nothing) => reaped.reduce((total, each) => total + each[key], 0)
  expect([sum('handedBack'), sum('closed')]).toEqual([1, 1])
  expect(await slotStates(pool)).toMatchObject([
    { check: 'claimed', state: 'due' },
    { check: 'started', state: 'done', reason: 'monitor died' },
  ])
  const { rows } = await pool.query('select check_name, outcome, reason from reprise.replays')
  expect(rows).toEqual([{ check_name: 'started', outcome: 'error', reason: 'monitor died' }])
  expect(await startDue(pool, alive)).toMatchObject([{ check: 'claimed' }])
  expect(await reap(pool, alive, noMaintenance)).toEqual(nothing)
})

test('after an outage of the database no instance is taken for dead before all had time to return', async ({
  pool,
}) => {
  await monitor(pool, { name: 'users' })
  await planSlots(pool, [{ check: 'users', due: ago(1), location: 'home' }])
  const [own, other] = [await enterHome(pool), await enterHome(pool)]
  await startDue(pool, other)
  await pool.query(
    `update reprise.instances set alive_since = alive_since - interval '1 day', heartbeat_at = heartbeat_at - interval '1 hour'`,
  )
  expect(await beat(pool, own)).toBe(true)
  expect(await reap(pool, own, noMaintenance)).toEqual(nothing)
  expect(await beat(pool, other)).toBe(true)
})

test("when the database's clock is set back by an hour, live instances go on, and dead ones are found as soon as usual", async ({
  pool,
}) => {
  await monitor(pool, { name: 'users' })
  await planSlots(pool, [{ check: 'users', due: ago(1), location: 'home' }])
  const [own, other, dead] = [await enterHome(pool), await enterHome(pool), await enterHome(pool)]
  await startDue(pool, dead)
  await pool.query(
    `update reprise.instances set alive_since = alive_since - interval '1 day', heartbeat_at = heartbeat_at + interval '1 hour'`,
  )
  expect(await beat(pool, own)).toBe(true)
  expect(await reap(pool, own, noMaintenance)).toEqual(nothing)
  expect(await beat(pool, other)).toBe(true)
  await pool.query(`update reprise.instances set alive_since = alive_since - interval '1 minute' where id = $1`, [
    own.id,
  ])
  expect(await reap(pool, own, noMaintenance)).toEqual({ instances: 1, handedBack: 0, closed: 1 })
  expect(await beat(pool, other)).toBe(true)
})

test('an instance that was taken for dead registers again, and its result is recorded once', async ({ pool }) => {
  await monitor(pool, { name: 'users' })
  await planSlots(pool, [{ check: 'users', due: ago(1), location: 'home' }])
  const [own, slow] = [await enterHome(pool), await enterHome(pool)]
  const [started] = await startDue(pool, slow)
  await letTimePass(pool, own)
  expect(await reap(pool, own, noMaintenance)).toEqual({ instances: 1, handedBack: 0, closed: 1 })
  expect(await beat(pool, slow)).toBe(false)
  expect(await startDue(pool, slow)).toEqual([])
  if (!started) throw new Error('Nothing was started.')
  expect(await recordResult(pool, outcomeOf(started, 'passed'), noMaintenance)).toBe('recorded')
  expect(await recordResult(pool, outcomeOf(started, 'failed'), noMaintenance)).toBe('known')
  const { rows } = await pool.query(
    `select period, passed, failed, error from reprise.rollups where check_name = 'users' order by period`,
  )
  const once = { passed: 1, failed: 0, error: 0 }
  expect(rows).toEqual([
    { period: 'day', ...once },
    { period: 'hour', ...once },
  ])
  expect(await readStates(pool)).toMatchObject([{ state: 'unknown', lastReplay: { outcome: 'passed' } }])
})
