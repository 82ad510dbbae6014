/** The error budget of a check with an `slo`, on the overview. */
import { expect } from '@playwright/test'
import { configurationOf } from '../config/configuration.ts'
import { planSlots } from '../store/slots.ts'
import { test } from '../testing/status-page-fixture.ts'
import { ago, monitor, replay } from '../testing/store-fixture.ts'
import { budgetText, burnText, errorBudget } from './error-budget.ts'

const counts = (up: number, down: number, unwatched = 0) => ({ up, down, unwatched })
const slo = { target: 99.9, windowDays: 30 }

test('the budget is said in words, as minutes and as replays', () => {
  const textOf = (window: ReturnType<typeof counts>, covered = 1) =>
    budgetText(errorBudget(slo, { window, covered, lastDay: counts(0, 0), lastHour: counts(0, 0) }))
  expect(textOf(counts(7998, 2))).toBe(
    '75 % of the error budget is left: 32 min of 43 min (2 replays failed, and 8 may).',
  )
  expect(textOf(counts(8000, 0))).toBe(
    'All of the error budget is left: 43 min of 43 min (0 replays failed, and 8 may).',
  )
  expect(textOf(counts(7992, 8))).toBe('The error budget is spent: 8 replays failed, and 8 may.')
  expect(textOf(counts(99, 1))).toBe('The error budget is spent: 1 replay failed, and 0.1 may.')
  expect(textOf(counts(99, 1), 0.025)).toBe(
    '75 % of the error budget is left: 32 min of 43 min (1 replay failed, and about 4 may).',
  )
  expect(textOf(counts(1_000_000 - 999, 999))).toBe(
    'Less than 1 % of the error budget is left: 2.5 s of 43 min (999 replays failed, and 1000 may).',
  )
  expect(textOf(counts(2498, 2))).toMatch(/^20 % .* \(2 replays failed, and 2\.5 may\)/)
  const unknown = 'The error budget is unknown, because too little of the last 30 d was watched.'
  expect(textOf(counts(0, 0))).toBe(unknown)
  expect(textOf(counts(10, 0, 11))).toBe(unknown)
  const budget = errorBudget(slo, {
    window: counts(1, 0),
    covered: 1,
    lastDay: counts(997, 3),
    lastHour: counts(1, 0, 2),
  })
  expect(burnText(budget)).toBe('Burn rate: unknown in the last hour, 3 in the last day.')
})

test('the overview shows the budget of checks with an slo, without slots in maintenance', async ({ pool, served }) => {
  await monitor(pool, { name: 'orders' }, { name: 'users' })
  const configuration = configurationOf('/service/monitor.config.ts', {
    environments: {},
    checks: { users: { slo: { target: 90, window: '7d' } }, orders: {} },
  })
  const maintenance = { begin: ago(960), end: ago(940) }
  served.inForce = { ...served.inForce, configuration, maintenanceSpans: () => [maintenance] }
  await pool.query(`
    insert into reprise.rollups (check_name, location, period, start, passed, failed)
    select 'users', 'home', 'day', date_trunc('day', now(), 'UTC') - age * interval '24 hours', passed, failed
      from (values (8, 0, 99), (3, 92, 0), (2, 0, 3)) days (age, passed, failed)`)
  await replay(pool, 'users', 950, 'failed', (_check, at) => at < maintenance.end)
  // A window that an operator opened.
  await pool.query(
    `insert into reprise.maintenance_windows (begins_at, ends_at, checks, operator) values ($1, $2, '{users}', 'Ada')`,
    [ago(930), ago(910)],
  )
  await replay(pool, 'users', 920, 'failed')
  await replay(pool, 'users', 900, 'failed')
  for (const secondsAgo of [800, 700, 600, 500]) await replay(pool, 'users', secondsAgo, 'passed')
  const missed = 'no monitor was running'
  await planSlots(pool, [{ check: 'users', due: ago(400), location: 'home', missed }])
  const page = (await (await fetch(served.url)).text()).replace(/<[^>]+>/g, '')
  expect(page.match(/Target .*/g)).toEqual([
    'Target 90 % in 7 d: 60 % of the error budget is left: 10 h 4 min of 16 h 48 min (4 replays failed, and 10 may). Burn rate: 2 in the last hour, 2 in the last day.',
  ])
})

test('one failure on the first day does not spend the budget of a month', async ({ pool, served }) => {
  await monitor(pool, { name: 'users' }, { name: 'backup' })
  const configuration = configurationOf('/service/monitor.config.ts', {
    environments: {},
    checks: { users: { slo: { target: 90, window: '30d' } } },
    heartbeats: { backup: { every: '1h', grace: '1h', tag: '@nightly', slo: { target: 99, window: '7d' } } },
  })
  served.inForce = { ...served.inForce, configuration }
  await replay(pool, 'users', 900, 'failed')
  for (const secondsAgo of [800, 700, 600, 500]) await replay(pool, 'users', secondsAgo, 'passed')
  await replay(pool, 'backup', 450, 'passed')
  const page = (await (await fetch(served.url)).text()).replace(/<[^>]+>/g, '')
  expect(page).toMatch(
    /Target 90 % in 30 d: 9\d % of the error budget is left: .* \(1 replay failed, and about \d+ may\)/,
  )
  // A heartbeat has tags and a budget as well.
  expect(page).toContain('Target 99 % in 7 d: All of the error budget is left')
  expect(page).toContain('@nightly')
})
