import { expect } from '@playwright/test'
import { migrate } from '../monitor/store/schema.ts'
import { planSlots } from '../monitor/store/slots.ts'
import { test as base } from '../monitor/testing/service-fixture.ts'
import { ago, enterHome, monitor, replay } from '../monitor/testing/store-fixture.ts'
import { callCommand } from './testing/called-command.ts'

const answers = `test('answers', async ({ request }) => { expect((await request.get('/')).status()).toBe(200) })`
const spec = { specs: 'a.spec.ts' }

const test = base.extend<{
  status: (...args: string[]) => Promise<{ code: number | null; stdout: string; stderr: string }>
}>({
  status: async ({ project, emptyDatabase }, use) => {
    const nested = await project('http://127.0.0.1:9', {
      checks: { users: { ...spec, cron: '0 3 * * *' }, orders: spec },
      files: { 'a.spec.ts': answers },
    })
    const env = { REPRISE_MONITOR_DATABASE_URL: emptyDatabase.url }
    await use((...args) => callCommand(['monitor', 'status', ...args], { env, folder: nested.folder }))
  },
})

test('exits with 0 if all checks are up, and with 1 if one is not', async ({ store, status }) => {
  await migrate(store)
  await monitor(store, { name: 'users' }, { name: 'orders' })
  await enterHome(store)
  await replay(store, 'users', 60, 'passed')
  await replay(store, 'orders', 60, 'passed')
  const well = await status()
  expect(well).toMatchObject({ code: 0, stderr: '' })
  expect(well.stdout).toMatch(/^orders +up +for .*production, last passed in 12 ms\nusers +up .*\n$/)
  for (const seconds of [40, 20]) await replay(store, 'orders', seconds, 'failed')
  const unwell = await status()
  expect(unwell.code).toBe(1)
  expect(unwell.stdout).toMatch(
    /^orders +down .*\n {4}a user is added: expected 201\nusers +up .*\n\nIncident 1 in production, since .* UTC: orders is down\.\n$/,
  )
  const { code, stdout } = await status('--json')
  expect(JSON.parse(stdout)).toMatchObject({
    version: 1,
    exitCode: code,
    checks: [
      { name: 'orders', state: 'down', lastReplay: { outcome: 'failed' } },
      { name: 'users', state: 'up', nextDue: expect.stringMatching(/T03:00:00.000Z$/) },
    ],
    incidents: [{ id: 1, checks: [{ name: 'orders', state: 'down' }] }],
  })
})

test('it exits with 1 although all checks are up if a state may be out of date, with the reason', async ({
  store,
  status,
}) => {
  await migrate(store)
  await monitor(store, { name: 'users' }, { name: 'orders' })
  await enterHome(store)
  for (const name of ['users', 'orders']) await replay(store, name, 600, 'passed')
  await replay(store, 'orders', 500, 'failed')
  expect(await status()).toMatchObject({
    code: 0,
    stdout: expect.stringMatching(
      /^orders +up .*\n {4}a user is added: expected 201\n {4}Failing, being confirmed since .* UTC\.\nusers +up .*\n$/,
    ),
  })
  await replay(store, 'orders', 400, 'passed')
  await store.query(
    `insert into reprise.outbox (stream, channel, position, message, last_error, last_failure)
     values ('incident 1', 'oncall', 1, '{}', 'Channel oncall answered 503: out of order.', 'answered 503')`,
  )
  const undelivered = await status()
  expect(undelivered.code).toBe(1)
  expect(undelivered.stdout).toMatch(
    /\n\noncall: 1 message not delivered since .* UTC\. Last attempt: answered 503\.\n {4}Channel oncall answered 503: out of order\.\n$/,
  )
  await store.query(
    `update reprise.outbox set delivered_at = now(), last_error = 'this channel is not configured any more'`,
  )
  const closed = await status()
  expect(closed.code).toBe(0)
  expect(closed.stdout).toMatch(
    /\n\noncall: 1 message closed without being sent at .* UTC, since this channel is not configured any more\.\n$/,
  )
  await planSlots(store, [{ check: 'users', due: ago(300), location: 'home', missed: 'no monitor was running' }])
  const missed = await status()
  expect(missed.code).toBe(1)
  expect(missed.stdout).toMatch(
    /\nusers +up .*\n {4}Slots of the last 24 hours: 1 missed\. The last one: no monitor was running\.\n/,
  )
  await store.query('delete from reprise.slots')
  await replay(store, 'users', 200, 'error')
  const error = await status()
  expect(error.code).toBe(1)
  expect(error.stdout).toMatch(/\nusers +up .*\n {4}The last replay from home ended in an error of the monitor/)
  // `users` is due at 03:00 every day.
  await store.query(
    `update reprise.checks set last_replay = last_replay || jsonb_build_object('due', now() - interval '3 days', 'outcome', 'passed')`,
  )
  await store.query(`update reprise.seats set last_due = now() - interval '3 days'`)
  await store.query('delete from reprise.slots')
  const stale = await status('--json')
  expect(stale.code).toBe(1)
  expect(JSON.parse(stale.stdout)).toMatchObject({
    exitCode: 1,
    checks: [
      { name: 'orders', state: 'up', stale: false, error: null, reasons: [] },
      { name: 'users', state: 'up', stale: true, slots: { missed: 0, skipped: 0, reason: null } },
    ],
    undelivered: [],
    unsent: [{ channel: 'oncall', messages: 1 }],
  })
})

test('without a running monitor it prints the last known states, and exits with 1', async ({ store, status }) => {
  await migrate(store)
  await monitor(store, { name: 'users' })
  await replay(store, 'users', 60, 'passed')
  await store.query('delete from reprise.instances')
  const { code, stdout, stderr } = await status()
  expect({ code, stderr }).toEqual({
    code: 1,
    stderr: 'No monitor is running on this database: these are the last known states.\n',
  })
  expect(stdout).toMatch(/^users +up/)
})

test('a database without results, or an unreachable one, is an error with its remedy', async ({ status, project }) => {
  expect(await status()).toMatchObject({
    code: 2,
    stderr: expect.stringMatching(/^Nothing has been monitored yet: .* Run npx reprise monitor start, or set/),
  })
  const nested = await project('http://127.0.0.1:9', { checks: { users: spec }, files: { 'a.spec.ts': answers } })
  expect(await callCommand(['monitor', 'status'], { folder: nested.folder })).toMatchObject({
    code: 2,
    stderr: expect.stringContaining(`there is no database in ${nested.folder}`),
  })
  const away = { REPRISE_MONITOR_DATABASE_URL: 'postgres://me:hush@127.0.0.1:9/none' }
  const { code, stderr } = await callCommand(['monitor', 'status'], { env: away, folder: nested.folder })
  expect(code).toBe(2)
  expect(stderr).toMatch(/^The monitor's database cannot be reached: .*ECONNREFUSED.*\. Start its server, or correct/)
  expect(stderr).not.toContain('hush')
})

test("the monitor's embedded database is read while it runs, and while it does not", async ({
  serve,
  project,
  startMonitor,
}) => {
  const nested = await project(await serve((_, response) => response.end()), {
    checks: { users: spec },
    files: { 'a.spec.ts': answers },
  })
  const running = await startMonitor(nested, { REPRISE_MONITOR_DATABASE_URL: '' })
  await running.says('users is up')
  expect(await nested.start(['status']).result).toMatchObject({ code: 0, stderr: '' })
  running.process.kill('SIGTERM')
  await running.result
  expect(await nested.start(['status']).result).toMatchObject({
    code: 1,
    stdout: expect.stringMatching(/^users +up/),
    stderr: expect.stringContaining('No monitor is running'),
  })
})
