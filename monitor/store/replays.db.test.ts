import { expect } from '@playwright/test'
import {
  ago,
  enterHome,
  monitor,
  outcomeOf,
  replay,
  slotStates,
  startDue,
  startTogether,
  test,
} from '../testing/store-fixture.ts'
import { defaultPolicy } from '../verdict/policy.ts'
import { noMaintenance } from './check-rules.ts'
import { readStates } from './checks.ts'
import { enter } from './instances.ts'
import { openPool } from './pool.ts'
import { recordResult } from './replays.ts'
import { planSlots } from './slots.ts'

test('a result that arrives twice counts once, also from two processes at once', async ({ pool }) => {
  await monitor(pool, { name: 'users' })
  await planSlots(pool, [{ check: 'users', due: ago(1), location: 'home' }])
  const [started] = await startDue(pool, await enterHome(pool))
  if (!started) throw new Error('Nothing was started.')
  const outcome = { ...outcomeOf(started), detail: { specs: [{ title: 'adds a user' }] } }
  const recorded = await Promise.all(Array.from({ length: 6 }, () => recordResult(pool, outcome, noMaintenance)))
  expect(recorded.sort()).toEqual(['known', 'known', 'known', 'known', 'known', 'recorded'])
  const { rows } = await pool.query(
    `select outcome, detail, (select count(*)::int from reprise.transitions) as transitions,
            (select passed from reprise.rollups where period = 'day') as passed from reprise.replays`,
  )
  expect(rows).toEqual([{ outcome: 'passed', detail: outcome.detail, transitions: 1, passed: 1 }])
})

test('a first failure is confirmed soon, in one run with other checks that failed; then the check is down', async ({
  pool,
}) => {
  await monitor(pool, { name: 'users' }, { name: 'orders' })
  const instance = await enterHome(pool)
  await planSlots(
    pool,
    ['users', 'orders'].map(check => ({ check, due: ago(5), location: 'home' })),
  )
  for (const started of await startDue(pool, instance)) {
    await recordResult(pool, outcomeOf(started, 'failed'), noMaintenance)
  }
  const confirmations = (await slotStates(pool)).filter(({ kind }) => kind === 'confirm')
  // In multiples of 5 s after the slot that failed.
  expect(Math.abs((confirmations[0]?.due.getTime() ?? 0) - ago(5).getTime() - 25_000)).toBeLessThanOrEqual(2000)
  expect(confirmations).toMatchObject([
    { check: 'orders', state: 'due', due: confirmations[1]?.due },
    { check: 'users', state: 'due' },
  ])
  expect((await readStates(pool)).map(({ state }) => state)).toEqual(['unknown', 'unknown'])
  await pool.query(`update reprise.slots set due = date_trunc('second', now()) where kind = 'confirm'`)
  const confirming = await startDue(pool, instance)
  expect(confirming).toHaveLength(2)
  for (const started of confirming) await recordResult(pool, outcomeOf(started, 'failed'), noMaintenance)
  expect((await readStates(pool)).map(({ state }) => state)).toEqual(['down', 'down'])
  expect((await slotStates(pool)).filter(({ state }) => state === 'due')).toEqual([])
})

test('checks whose tests end one after the other are confirmed in one run, unless that would be too soon', async ({
  pool,
}) => {
  await monitor(pool, ...['a', 'b', 'c'].map(name => ({ name, confirmEveryMs: 60_000 })))
  const inSeconds = async () =>
    (await slotStates(pool))
      .filter(({ kind }) => kind === 'confirm')
      .map(({ due }) => Math.round((due.getTime() - Date.now()) / 10_000) * 10)
  const passTwentySeconds = () =>
    pool.query(`update reprise.slots set due = due - interval '20 s' where kind = 'confirm'`)
  await replay(pool, 'a', 1, 'failed')
  await passTwentySeconds()
  await replay(pool, 'b', 1, 'failed')
  expect(await inSeconds()).toEqual([40, 40])
  await passTwentySeconds()
  await replay(pool, 'c', 1, 'failed')
  expect(await inSeconds()).toEqual([20, 20, 60])
})

test('results that wait to be recorded are confirmed by when their tests have ended, in one run', async ({ pool }) => {
  await monitor(pool, ...['a', 'b'].map(name => ({ name, confirmEveryMs: 60_000 })))
  const [a, b] = await startTogether(pool, ['a', 'b'], 26)
  if (!a || !b) throw new Error('They have not started.')
  const inSeconds = async () =>
    (await slotStates(pool))
      .filter(({ kind }) => kind === 'confirm')
      .map(({ due }) => Math.round((due.getTime() - Date.now()) / 10_000) * 10)
  await recordResult(pool, { ...outcomeOf(a, 'failed'), endedAt: ago(25) }, noMaintenance)
  // 60 s after its due time, and not 75 s.
  expect(await inSeconds()).toEqual([30])
  // As if another 20 seconds had passed.
  await pool.query(`update reprise.slots set due = due - interval '20 s' where kind = 'confirm'`)
  await recordResult(pool, { ...outcomeOf(b, 'failed'), endedAt: ago(25) }, noMaintenance)
  expect(await inSeconds()).toEqual([10, 10])
})

test("results are judged in the order of their slots' due times, not of their arrival", async ({ pool }) => {
  await monitor(pool, {
    name: 'users',
    locations: ['home', 'abroad'],
    policy: { ...defaultPolicy, locations: { count: 2, agree: 1 } },
  })
  const home = await enterHome(pool)
  const abroad = await enter(pool, { location: 'abroad', capacity: 1 })
  const plan = (seconds: number) =>
    planSlots(
      pool,
      ['home', 'abroad'].map(location => ({ check: 'users', due: ago(seconds), location })),
    )
  await plan(40)
  const [slow] = await startDue(pool, abroad)
  const [first] = await startDue(pool, home)
  if (!slow || !first) throw new Error('Nothing was started.')
  await recordResult(pool, outcomeOf(first, 'passed'), noMaintenance)
  await plan(20)
  const [second] = await startDue(pool, home)
  if (!second) throw new Error('Nothing was started.')
  // The later slot is skipped abroad, and not judged before the earlier one.
  await recordResult(pool, outcomeOf(second, 'failed'), noMaintenance)
  expect(await readStates(pool)).toMatchObject([{ state: 'unknown' }])
  await recordResult(pool, outcomeOf(slow, 'passed'), noMaintenance)
  expect(await readStates(pool)).toMatchObject([{ state: 'up', since: slow.due }])
  const { rows } = await pool.query(`select verdict -> 'streak' ->> 'failed' as failed from reprise.checks`)
  expect(rows).toEqual([{ failed: '1' }])
})

test('a check is down when as many locations as its policy wants agree in every slot', async ({ pool }) => {
  const locations = ['home', 'abroad', 'afar']
  const policy = { ...defaultPolicy, locations: { count: 3, agree: 2 } }
  await monitor(pool, { name: 'users', locations, policy })
  const instances = await Promise.all(locations.map(location => enter(pool, { location, capacity: 1 })))
  const slot = async (secondsAgo: number, ...outcomes: ('passed' | 'failed')[]) => {
    await planSlots(
      pool,
      locations.map(location => ({ check: 'users', due: ago(secondsAgo), location })),
    )
    for (const [index, instance] of instances.entries()) {
      for (const started of await startDue(pool, instance)) {
        await recordResult(pool, outcomeOf(started, outcomes[index]), noMaintenance)
      }
    }
    return (await readStates(pool))[0]?.state
  }
  expect(await slot(100, 'passed', 'passed', 'passed')).toBe('up')
  for (const seconds of [90, 80, 70]) expect(await slot(seconds, 'failed', 'passed', 'passed')).toBe('up')
  expect(await slot(60, 'failed', 'failed', 'passed')).toBe('up')
  expect(await slot(50, 'passed', 'failed', 'failed')).toBe('down')
  expect(await slot(40, 'failed', 'passed', 'passed')).toBe('up')
})

test('terminated connections lose no result: it is recorded on the next attempt', async ({ pool, emptyDatabase }) => {
  await monitor(pool, { name: 'users' })
  const instance = await enterHome(pool)
  const busy = openPool(emptyDatabase.url, { max: 2, application_name: 'busy' })
  for (let round = 0; round < 12; round++) {
    await planSlots(pool, [{ check: 'users', due: ago(100 - round), location: 'home' }])
    const [started] = await startDue(pool, instance)
    if (!started) throw new Error('Nothing was started.')
    const outcome = outcomeOf(started)
    const attempts = [1, 2, 3].map(() => recordResult(busy, outcome, noMaintenance).catch(() => undefined))
    await pool.query(`select pg_terminate_backend(pid) from pg_stat_activity where application_name = 'busy'`)
    await Promise.all(attempts)
    await recordResult(busy, outcome, noMaintenance).catch(() => recordResult(busy, outcome, noMaintenance))
  }
  const { rows } = await pool.query(`select passed from reprise.rollups where period = 'day'`)
  expect(rows.reduce((sum, { passed }) => sum + passed, 0)).toBe(12)
  await busy.end()
})

test('reading the states of all checks reads no results', async ({ pool }) => {
  await monitor(pool, { name: 'users' })
  await replay(pool, 'users', 1, 'slow')
  const explained = await pool.query('explain select name, state, since, last_replay from reprise.checks where active')
  expect(explained.rows.map(row => row['QUERY PLAN']).join()).not.toMatch(/replays|slots/)
  expect(await readStates(pool)).toMatchObject([
    {
      name: 'users',
      environment: 'production',
      state: 'unknown',
      since: null,
      lastReplay: { outcome: 'slow', durationMs: 12 },
    },
  ])
})

test('of a result that was recorded before only the detail is replaced', async ({ pool }) => {
  await monitor(pool, { name: 'users' })
  await planSlots(pool, [{ check: 'users', due: ago(1), location: 'home' }])
  const [started] = await startDue(pool, await enterHome(pool))
  if (!started) throw new Error('Nothing was started.')
  const detail = { report: null }
  expect(await recordResult(pool, { ...outcomeOf(started, 'failed'), detail }, noMaintenance)).toBe('recorded')
  const complete = { ...outcomeOf(started, 'passed'), detail: { report: 'index.html' }, isAgain: true as const }
  expect(await recordResult(pool, complete, noMaintenance)).toBe('known')
  const { rows } = await pool.query('select outcome, detail from reprise.replays')
  expect(rows).toEqual([{ outcome: 'failed', detail: { report: 'index.html' } }])
})

test('a result whose later slots have been judged is recorded, and not judged', async ({ pool }) => {
  await monitor(pool, { name: 'users' })
  await replay(pool, 'users', 10, 'passed')
  for (const secondsAgo of [30, 20]) await replay(pool, 'users', secondsAgo, 'failed')
  expect(await readStates(pool)).toMatchObject([{ state: 'up', lastReplay: { outcome: 'passed' } }])
  const { rows } = await pool.query('select outcome from reprise.replays order by due')
  expect(rows.map(({ outcome }) => outcome)).toEqual(['failed', 'failed', 'passed'])
})
