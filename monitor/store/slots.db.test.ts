import { expect } from '@playwright/test'
import { ago, enterHome, monitor, outcomeOf, slotStates, startDue, test } from '../testing/store-fixture.ts'
import { noMaintenance } from './check-rules.ts'
import { readStates, setChecks } from './checks.ts'
import { judgeClosed } from './judgement.ts'
import { recordResult } from './replays.ts'
import { planSlots, requestReplay } from './slots.ts'

test('a slot that several instances plan is added once', async ({ pool }) => {
  await monitor(pool, { name: 'users' }, { name: 'orders' })
  const slots = ['users', 'orders'].map(check => ({ check, due: ago(1), location: 'home' }))
  const planned = await Promise.all(Array.from({ length: 8 }, () => planSlots(pool, [...slots].reverse())))
  expect(planned.map(({ added }) => added).sort()).toEqual([0, 0, 0, 0, 0, 0, 0, 2])
  expect(await slotStates(pool)).toMatchObject([
    { check: 'orders', state: 'due' },
    { check: 'users', state: 'due' },
  ])
})

test('a slot that comes due during the previous replay is skipped, and the state waits for that replay', async ({
  pool,
}) => {
  await monitor(pool, { name: 'users' })
  const instance = await enterHome(pool)
  await planSlots(pool, [{ check: 'users', due: ago(60), location: 'home' }])
  const [running] = await startDue(pool, instance)
  for (const seconds of [30, 20, 10]) {
    const { closed } = await planSlots(pool, [{ check: 'users', due: ago(seconds), location: 'home' }])
    expect(closed).toEqual(['users'])
    await judgeClosed(pool, closed, noMaintenance)
  }
  const reason = `the replay that was due at ${running?.due.toISOString().replace('.000', '')} had not ended`
  const skipped = { state: 'skipped', reason }
  expect(await slotStates(pool)).toMatchObject([{ state: 'running' }, skipped, skipped, skipped])
  if (running) await recordResult(pool, outcomeOf(running), noMaintenance)
  expect(await readStates(pool)).toMatchObject([{ name: 'users', state: 'up', since: running?.due }])
})

test('a slot that is not started is missed when the next one comes due; after three of them the state is unknown', async ({
  pool,
}) => {
  await monitor(pool, { name: 'users' })
  const instance = await enterHome(pool)
  await planSlots(pool, [{ check: 'users', due: ago(300), location: 'home' }])
  for (const replay of await startDue(pool, instance)) await recordResult(pool, outcomeOf(replay), noMaintenance)
  const dues = [240, 180, 120, 60].map(ago)
  for (const due of dues) {
    const { closed } = await planSlots(pool, [{ check: 'users', due, location: 'home' }])
    await judgeClosed(pool, closed, noMaintenance)
  }
  const overtaken = { state: 'missed', reason: 'it was not started before the next slot was due' }
  expect(await slotStates(pool)).toMatchObject([{ state: 'done' }, overtaken, overtaken, overtaken, { state: 'due' }])
  expect(await readStates(pool)).toMatchObject([{ state: 'unknown', since: dues[2] }])
})

test('a replay on request adds a slot at each location', async ({ pool }) => {
  await monitor(pool, { name: 'users', locations: ['home', 'abroad'] })
  await requestReplay(pool, 'users', new Date())
  expect(await slotStates(pool)).toMatchObject([
    { location: 'abroad', kind: 'manual', state: 'due' },
    { location: 'home', kind: 'manual', state: 'due' },
  ])
  await expect(requestReplay(pool, 'user', new Date())).rejects.toThrow('No check "user" is monitored')
})

test('a check that is not configured any more has no open slots and no state, and keeps its history', async ({
  pool,
}) => {
  await monitor(pool, { name: 'users' }, { name: 'orders' })
  await planSlots(pool, [{ check: 'users', due: ago(1), location: 'home' }])
  await monitor(pool, { name: 'orders' })
  expect(await slotStates(pool)).toMatchObject([{ state: 'missed', reason: 'the check is not configured any more' }])
  expect((await readStates(pool)).map(({ name }) => name)).toEqual(['orders'])
  expect(await planSlots(pool, [{ check: 'users', due: ago(0), location: 'home' }])).toEqual({ added: 0, closed: [] })
  await setChecks(pool, [], new Date())
  expect(await readStates(pool)).toEqual([])
})

test('manual slots, and slots that are not due yet, do not become missed', async ({ pool }) => {
  await monitor(pool, { name: 'users' })
  await requestReplay(pool, 'users', ago(5))
  for (const seconds of [-20, -40]) {
    await planSlots(pool, [{ check: 'users', due: ago(seconds), location: 'home' }])
  }
  expect((await slotStates(pool)).map(({ kind, state }) => `${kind} ${state}`)).toEqual([
    'manual due',
    'cron due',
    'cron due',
  ])
})
