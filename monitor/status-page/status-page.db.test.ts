import { expect } from '@playwright/test'
import { timetable } from '../schedule/timetable.ts'
import { openWindow } from '../store/maintenance-windows.ts'
import { test } from '../testing/status-page-fixture.ts'
import { ago, monitor, replay, slotStates } from '../testing/store-fixture.ts'

const get = async (url: string) => {
  const response = await fetch(url)
  return { status: response.status, headers: response.headers, text: await response.text() }
}
const checksOf = async (url: string) => JSON.parse((await get(`${url}/api/checks`)).text).checks

const nothingElse = {
  stale: false,
  confirming: null,
  error: null,
  slots: { missed: 0, skipped: 0, reason: null, overloaded: 0, unknown: 0 },
}

test('/api/checks has the state of each check, its last replay and its next due time', async ({ pool, served }) => {
  await monitor(pool, { name: 'users' }, { name: 'orders' })
  await replay(pool, 'users', 600, 'passed')
  const due = ago(600).toISOString()
  const times = timetable([{ name: 'orders', cron: '0 0 1 * *', timezone: 'UTC' }])
  served.inForce = { ...served.inForce, timetable: times }
  const nextMonth = () => {
    const now = new Date()
    return new Date(Date.UTC(now.getUTCFullYear(), now.getUTCMonth() + 1, 1)).toISOString()
  }
  const before = nextMonth()
  const checks = await checksOf(served.url)
  // A month may end meanwhile.
  expect([before, nextMonth()]).toContain(checks[0].nextDue)
  expect(checks).toEqual([
    {
      ...nothingElse,
      name: 'orders',
      state: 'unknown',
      since: null,
      environment: 'production',
      lastReplay: null,
      nextDue: expect.any(String),
    },
    {
      ...nothingElse,
      name: 'users',
      state: 'up',
      since: expect.stringMatching(/Z$/),
      environment: 'production',
      lastReplay: {
        id: expect.any(String),
        due: expect.any(String),
        location: 'home',
        outcome: 'passed',
        durationMs: 12,
      },
      nextDue: null,
    },
  ])
  const [, users] = await checksOf(served.url)
  expect(Math.abs(Date.parse(users.since) - Date.parse(due))).toBeLessThan(60_000)
  times.close()
})

test('a slot to confirm a failure is the next one due', async ({ pool, served }) => {
  await monitor(pool, { name: 'users' })
  await replay(pool, 'users', 5, 'failed')
  const confirming = (await slotStates(pool)).find(({ kind }) => kind === 'confirm')
  expect(confirming).toBeDefined()
  expect(await checksOf(served.url)).toMatchObject([{ state: 'unknown', nextDue: confirming?.due.toISOString() }])
})

test('a check in maintenance is shown as such', async ({ pool, served }) => {
  await monitor(pool, { name: 'users' })
  await replay(pool, 'users', 60, 'passed')
  served.inForce = { ...served.inForce, isInMaintenance: () => true }
  expect(await checksOf(served.url)).toMatchObject([{ state: 'maintenance', since: null }])
  served.inForce = { ...served.inForce, isInMaintenance: () => false }
  expect(await checksOf(served.url)).toMatchObject([{ state: 'up' }])
  await openWindow(pool, { until: { forMs: 3_600_000 }, checks: ['users'] }, 'Ada')
  expect(await checksOf(served.url)).toMatchObject([{ state: 'maintenance', since: null }])
})

test('uptime counts replays that passed and that failed, and of what share of the slots', async ({ pool, served }) => {
  await monitor(pool, { name: 'users' })
  for (const [index, outcome] of (
    ['passed', 'flaky', 'slow', 'error', 'unknown', 'failed', 'error'] as const
  ).entries()) {
    await replay(pool, 'users', 700 - index * 60, outcome)
  }
  await replay(pool, 'users', 100, 'failed', () => true)
  await pool.query(
    `insert into reprise.rollups (check_name, location, period, start, passed, failed)
     select 'users', 'home', period, date_trunc(period, now() - age, 'UTC'), 9996, 0
       from (values ('hour', interval '2 days'), ('day', interval '2 days'), ('hour', interval '8 days'),
                    ('day', interval '8 days'), ('day', interval '91 days')) period (period, age)`,
  )
  const { text } = await get(served.url)
  const entries = text.matchAll(/<dt>(\d+ [hd])<\/dt><dd>(.*?)<\/dd>/g)
  expect([...entries].map(([, span, uptime = '']) => [span, uptime.replace(/<[^>]+>/g, '')])).toEqual([
    ['24 h', '75.00 % of 57.1 % watched'],
    ['7 d', '99.99 % of 99.9 % watched'],
    ['30 d', '99.99 % of 99.9 % watched'],
    ['90 d', '99.99 % of 99.9 % watched'],
  ])
})

test('a check without replays has no uptime, not a perfect one', async ({ pool, served }) => {
  await monitor(pool, { name: 'users' })
  const { text } = await get(served.url)
  expect(text).toMatch(/<dd><span[^>]*>no data</)
  expect(text).not.toContain('100 %')
})

test('data of the database is escaped', async ({ pool, served }) => {
  const name = `<script>alert("1")</script>&'`
  await monitor(pool, { name, environment: name })
  await replay(pool, name, 120, 'failed')
  await replay(pool, name, 60, 'failed')
  const { text, headers } = await get(served.url)
  expect(text).toContain('Incident 1 in &lt;script&gt;alert(&quot;1&quot;)&lt;/script&gt;&amp;&#39;')
  expect(text).not.toContain('<script>')
  expect(headers.get('content-security-policy')).toContain("default-src 'none'")
  expect(headers.get('content-type')).toBe('text/html; charset=utf-8')
  expect(headers.get('cache-control')).toBe('no-store')
})

test('an unreachable database is reported without its error, and /healthz still responds', async ({ pool, served }) => {
  await pool.query('drop schema reprise cascade')
  const page = await get(served.url)
  expect(page.status).toBe(503)
  expect(page.text).toContain('The status is unknown')
  expect(page.text).not.toContain('reprise.checks')
  expect(await get(`${served.url}/api/checks`)).toMatchObject({
    status: 503,
    text: expect.stringContaining('cannot be read at present'),
  })
  expect(served.errors.map(({ message }) => message)).toEqual(Array(2).fill(expect.stringContaining('reprise.')))
  expect(await get(`${served.url}/healthz`)).toMatchObject({ status: 200, text: '{"status":"ok"}' })
})

test('other paths are not found', async ({ served }) => {
  expect(await get(`${served.url}/elsewhere`)).toMatchObject({ status: 404 })
  expect(await get(`${served.url}/%`)).toMatchObject({ status: 404 })
  expect(served.errors).toEqual([])
})
