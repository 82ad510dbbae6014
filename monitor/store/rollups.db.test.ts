import { expect } from '@playwright/test'
import { monitor, replay, test } from '../testing/store-fixture.ts'
import { readStates } from './checks.ts'
import { dropDaysBefore } from './days.ts'
import { bucketOf, merge, quantile } from './histogram.ts'
import { countReplay, readRollup } from './rollups.ts'
import { inTransaction } from './transaction.ts'

const at = (time: string) => new Date(`2030-03-${time}Z`)

test('replays are counted by hour and day, and a quantile over many days equals that of all replays', async ({
  pool,
}) => {
  await monitor(pool, { name: 'users' })
  const slot = { check: 'users', location: 'home', kind: 'cron', replay: '', endedAt: new Date() } as const
  const durations = [900, 5, 70_000, 1, 333, 12]
  await inTransaction(pool, async client => {
    for (const [index, durationMs] of durations.entries()) {
      const due = at(`0${index + 1}T23:59:59`)
      await countReplay(client, { ...slot, due, outcome: 'passed', durationMs }, false, 1)
    }
    const due = at('01T23:00:00')
    await countReplay(client, { ...slot, due, outcome: 'failed', durationMs: 30_000 }, false, 1)
    await countReplay(client, { ...slot, due, outcome: 'slow', durationMs: 99 }, true, 1)
    await countReplay(client, { ...slot, due, outcome: 'flaky', durationMs: 42 }, false, 1)
    await countReplay(client, { ...slot, due, outcome: 'flaky', durationMs: 42 }, false, -1)
  })
  const none = { passed: 0, flaky: 0, slow: 0, failed: 0, error: 0, unknown: 0, maintenance: 0, missed: 0, skipped: 0 }
  for (const period of ['hour', 'day'] as const) {
    const all = await readRollup(pool, 'users', period, at('01T00:00:00'), at('07T00:00:00'))
    expect(all.counts).toEqual({ ...none, passed: 6, failed: 1, maintenance: 1 })
    expect(all.durations).toEqual(
      merge([...durations].sort((a, b) => a - b).map(value => new Map([[bucketOf(value), 1]]))),
    )
    expect(quantile(all.durations, 0.5)).toBeCloseTo(12, 0)
  }
  const lastHour = await readRollup(pool, 'users', 'hour', at('06T23:00:00'), at('07T00:00:00'))
  expect(lastHour.counts).toEqual({ ...none, passed: 1 })
  const afterwards = await readRollup(pool, 'users', 'day', at('08T00:00:00'), at('09T00:00:00'))
  expect(afterwards).toEqual({ counts: none, durations: new Map() })
})

test('counts and states remain when the days of the replays are dropped', async ({ pool }) => {
  await monitor(pool, { name: 'users' })
  for (const secondsAgo of [30, 20]) await replay(pool, 'users', secondsAgo, 'passed')
  const [from, to] = [new Date(Date.now() - 2 * 86_400_000), new Date(Date.now() + 2 * 86_400_000)]
  const before = await readRollup(pool, 'users', 'day', from, to)
  expect(before.counts.passed).toBe(2)
  expect(await dropDaysBefore(pool, to)).toBeGreaterThan(0)
  expect((await pool.query('select from reprise.replays')).rowCount).toBe(0)
  expect(await readRollup(pool, 'users', 'day', from, to)).toEqual(before)
  expect(await readStates(pool)).toMatchObject([{ state: 'up', lastReplay: { outcome: 'passed' } }])
})
