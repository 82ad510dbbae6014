import { expect } from '@playwright/test'
import { migrate } from '../monitor/store/schema.ts'
import { fillSlots } from '../monitor/testing/check-history.ts'
import { test } from '../monitor/testing/service-fixture.ts'
import { monitor } from '../monitor/testing/store-fixture.ts'
import { callCommand } from './testing/called-command.ts'

test('suggests the rules that would have spared alerts, and knows when the history is too short', async ({
  store,
  project,
  emptyDatabase,
}) => {
  await migrate(store)
  await monitor(store, { name: 'orders' }, { name: 'users' })
  // Two failures each, one of which confirmed the other; and an outage of half an hour.
  const short = [1000, 2000, 3000, 4000].map(at => ({ at, failures: 2 }))
  await fillSlots(store, 'orders', { minutes: 5000, outages: [...short, { at: 500, failures: 31 }] })
  await fillSlots(store, 'users', { minutes: 10, outages: [] })
  const specs = 'a.spec.ts'
  const { folder } = await project('http://127.0.0.1:9', { checks: { orders: { specs }, users: { specs } }, files: {} })
  const env = { REPRISE_MONITOR_DATABASE_URL: emptyDatabase.url }
  const advise = (...args: string[]) => callCommand(['monitor', 'advise', ...args], { env, folder })

  const all = await advise()
  expect(all).toMatchObject({ code: 0, stderr: '' })
  expect(all.stdout).toMatch(
    /^orders: 5005 slots in 3 d 11 h; by the rules in force 5 alerts: 4 not of a real outage; 1 real outage\.\n/,
  )
  expect(all.stdout).toMatch(
    /\n {2}down: 3 +would have spared 4 of 5 alerts and alerted the real outage 20\.0 s later\n/,
  )
  expect(all.stdout).toContain('\n\nusers: 10 slots in 9 min; by the rules in force no alert.\n')
  expect(all.stdout).toContain(
    'The history is too short for advice on confirm and agree: it needs 100 slots and 3 days.',
  )
  expect(all.stdout).toContain('An outage is real if it is known to have lasted for 5 min')

  const json = await advise('orders', '--since', '4d', '--real-after', '1h', '--json')
  expect(JSON.parse(json.stdout)).toMatchObject({
    version: 1,
    exitCode: 0,
    realAfterMs: 3_600_000,
    checks: [{ name: 'orders', alerts: 5, shortAlerts: 5, realOutages: 0, suggestions: [{ change: { down: 3 } }] }],
  })
  // Maintenance that an operator arranged, over the outage of half an hour.
  await store.query(
    `insert into reprise.maintenance_windows (begins_at, ends_at, checks, operator)
     select begin, begin + interval '2 hours', '{orders}', 'Ada'
       from (select date_trunc('minute', now()) - interval '4530 minutes' as begin) outage`,
  )
  expect((await advise('orders')).stdout).toContain('by the rules in force 4 alerts: 4 not of a real outage')
  expect(await advise('nothing')).toMatchObject({
    code: 2,
    stderr: expect.stringContaining('There is no check "nothing"'),
  })
  expect(await advise('--since', 'ever')).toMatchObject({
    code: 2,
    stderr: expect.stringContaining('--since is "ever"'),
  })
})
