import { expect } from '@playwright/test'
import type pg from 'pg'
import { replayWith } from '../testing/incident-scenario.ts'
import { ago, monitor, outcomeOf, startDue, test } from '../testing/store-fixture.ts'
import type { Outcome } from '../verdict/finding.ts'
import { defaultPolicy } from '../verdict/policy.ts'
import { noMaintenance } from './check-rules.ts'
import { readFirstFailure } from './first-failure.ts'
import { enter } from './instances.ts'
import { recordResult } from './replays.ts'
import { planSlots } from './slots.ts'

/** Records the replays of one slot, by location. */
async function replayAt(pool: pg.Pool, secondsAgo: number, outcomes: Record<string, Outcome>) {
  // Only this slot is to be claimed.
  await pool.query(`delete from reprise.slots where state = 'due'`)
  const due = ago(secondsAgo)
  await planSlots(
    pool,
    Object.keys(outcomes).map(location => ({ check: 'users', due, location })),
  )
  for (const [location, outcome] of Object.entries(outcomes)) {
    const instance = await enter(pool, { location, capacity: 10 })
    for (const started of await startDue(pool, instance)) {
      await recordResult(pool, outcomeOf(started, outcome), noMaintenance)
    }
  }
  return due
}

test('slots of several locations are compared as a whole, at a location that failed', async ({ pool }) => {
  const policy = { ...defaultPolicy, locations: { count: 2, agree: 1 } }
  await monitor(pool, { name: 'users', policy, locations: ['away', 'home'] })
  const passed = await replayAt(pool, 800, { away: 'passed', home: 'passed' })
  const failed = await replayAt(pool, 700, { away: 'passed', home: 'failed' })
  await replayAt(pool, 600, { away: 'passed', home: 'failed' })
  expect(await readFirstFailure(pool, 'users')).toMatchObject({
    incident: 1,
    success: { due: passed, location: 'home', outcome: 'passed' },
    failure: { due: failed, location: 'home', outcome: 'failed' },
  })
})

test('the open incident comes first, also if it is older than the last one', async ({ pool }) => {
  const orders = { name: 'orders' }
  await monitor(pool, orders, { name: 'users' })
  for (const at of [2000, 1900]) await replayWith(pool, 'orders', at, 'failed')
  for (const at of [1500, 1400]) await replayWith(pool, 'users', at, 'failed', { version: '1' })
  await replayWith(pool, 'users', 1300, 'passed', { version: '2' })
  expect(await readFirstFailure(pool, 'users')).toMatchObject({ incident: 2, closedAt: expect.any(Date) })
  await monitor(pool, orders, { name: 'users', dependsOn: ['orders'] })
  for (const at of [600, 500]) await replayWith(pool, 'users', at, 'failed', { version: '3' })
  expect(await readFirstFailure(pool, 'users')).toMatchObject({
    incident: 1,
    closedAt: null,
    success: { version: '2' },
    failure: { version: '3' },
  })
})
