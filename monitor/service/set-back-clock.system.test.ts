import { expect, mergeTests } from '@playwright/test'
import { answers, service } from '../testing/breaking-service-fixture.ts'
import { test as withMonitors } from '../testing/service-fixture.ts'
import { test as withTurnedClock } from '../testing/turned-clock-fixture.ts'

const test = mergeTests(withMonitors, withTurnedClock)

test("when its database's clock is set back by an hour, the monitor reports it once, goes on at once, and loses and repeats nothing", async ({
  serve,
  project,
  startMonitor,
  store,
  clock,
}) => {
  const { state, listener, goOn, request, replays } = service()
  const nested = await project(await serve(listener), {
    defaults: { confirm: { down: 1, up: 1 } },
    checks: { often: { specs: 'a.spec.ts', cron: '*/4 * * * * *' } },
    files: { 'a.spec.ts': answers },
  })
  await clock.setAhead(3_600_000)
  const monitors = [await startMonitor(nested), await startMonitor(nested)]
  await Promise.all(monitors.map(monitor => monitor.says('often is up')))
  state.hangs = true
  await request()
  const held = replays.length
  await clock.setAhead(0)
  const setBack = "The clock of the monitor's database was set back"
  await Promise.any(monitors.map(monitor => monitor.says(setBack)))
  // A slot by the new time does not run beside the replay under way.
  const skipped = `select from reprise.slots where state = 'skipped' and due < pg_catalog.now() + interval '10 minutes'`
  await expect.poll(async () => (await store.query(skipped)).rowCount).toBeGreaterThan(0)
  expect(replays).toHaveLength(held)
  state.status = 500
  goOn()
  await Promise.all(monitors.map(monitor => monitor.says('often is down')))
  state.status = 200
  await Promise.all(monitors.map(monitor => monitor.says('often is up')))
  for (const { process } of monitors) process.kill('SIGTERM')
  const results = await Promise.all(monitors.map(({ result }) => result))
  expect(results.map(({ code }) => code)).toEqual([0, 0])
  expect(results.map(({ stderr }) => stderr).join('')).toMatch(new RegExp(`^${setBack}.*\n$`))
  const { rows } = await store.query(
    `select count(*)::int as replays, count(outcome)::int as ended, (
              select sum(passed + failed)::int from reprise.rollups where period = 'day') as counted from reprise.replays`,
  )
  expect(replays.length).toBe(new Set(replays).size)
  expect(rows).toEqual([{ replays: replays.length, ended: replays.length, counted: replays.length }])
})
