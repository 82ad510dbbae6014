import { expect } from '@playwright/test'
import { ago, monitor, replay, rules, test } from '../testing/store-fixture.ts'
import { defaultPolicy } from '../verdict/policy.ts'
import { plainAlertRules } from './alert-rules.ts'
import { noMaintenance } from './check-rules.ts'
import { readStates } from './checks.ts'
import { readPastIncidents } from './past-incidents.ts'
import { rehearse } from './rehearsal.ts'

const outcomes = ['passed', 'failed', 'passed', 'failed', 'failed', 'passed'] as const
const confirming = (down: number) => ({ policy: { ...defaultPolicy, confirm: { down, up: 1 } } })

test('the history is judged by another policy, and nothing is changed', async ({ pool }) => {
  await monitor(pool, { name: 'users' })
  for (const [index, outcome] of outcomes.entries()) await replay(pool, 'users', 100 - 10 * index, outcome)
  const before = await readStates(pool)
  const { rows } = await pool.query<{ due: Date }>('select due from reprise.replays order by due')
  const dues = rows.map(({ due }) => due.getTime())
  /** Formats the slots that would have opened an incident, and those that closed it. */
  const incidents = async (down: number) => {
    const rehearsed = await rehearse(pool, [rules({ name: 'users', ...confirming(down) })], ago(200), noMaintenance)
    return rehearsed.map(({ openedAt, closedAt }) => [openedAt, closedAt].map(at => dues.indexOf(Number(at))))
  }
  // The second check is flapping by then, so its incident stays open.
  expect(await incidents(1)).toEqual([
    [1, 2],
    [3, -1],
  ])
  expect(await incidents(2)).toEqual([[4, 5]])
  expect(await incidents(3)).toEqual([])
  expect(await readStates(pool)).toEqual(before)
})

test('the active policy gives the incidents that there were', async ({ pool }) => {
  const checks = [
    { name: 'users', ...confirming(1), channels: ['oncall', 'desk'] },
    // Falls together with the first one.
    { name: 'orders', ...confirming(1), dependsOn: ['users'], environment: 'staging', channels: ['orders'] },
    { name: 'search', ...confirming(2), environment: 'staging', channels: [] },
  ]
  await monitor(pool, ...checks)
  for (const [index, outcome] of outcomes.entries()) {
    const seconds = 2000 - 300 * index
    await replay(pool, 'users', seconds, outcome)
    await replay(pool, 'orders', seconds - 100, outcome === 'failed' ? outcome : 'passed')
    await replay(pool, 'search', seconds - 200, index > 1 ? 'failed' : 'passed')
  }
  const actual = await readPastIncidents(pool, ago(3600))
  expect(actual.map(({ checks }) => checks)).toEqual([['orders', 'users'], ['orders', 'users'], ['search']])
  const rehearsed = await rehearse(pool, checks.map(rules), ago(3600), noMaintenance)
  expect(rehearsed).toEqual(actual)
})

test('the channels are those of the routes, and none during maintenance', async ({ pool }) => {
  await monitor(pool, { name: 'users' })
  for (const seconds of [60, 40, 20]) await replay(pool, 'users', seconds, 'failed')
  const checks = [rules({ name: 'users' })]
  const channels = async (until: Date) =>
    (await rehearse(pool, checks, ago(200), (_, at) => at < until)).map(({ channels }) => channels)
  expect(await channels(ago(0))).toEqual([[]])
  expect(await channels(ago(30))).toEqual([['oncall']])
  const routes = [{ match: { kinds: ['down'], checks: ['users'] }, channels: ['desk'] }] as const
  const [routed] = await rehearse(pool, checks, ago(200), noMaintenance, { ...plainAlertRules, routes })
  expect(routed?.channels).toEqual(['desk'])
})
