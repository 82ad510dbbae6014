/** The page and `/api/checks` show what the monitor itself does not know, without private details. */
import { randomUUID } from 'node:crypto'
import { expect } from '@playwright/test'
import type pg from 'pg'
import { timetable } from '../schedule/timetable.ts'
import { noMaintenance } from '../store/check-rules.ts'
import { openDays } from '../store/days.ts'
import { enter } from '../store/instances.ts'
import { recordResult } from '../store/replays.ts'
import { planSlots } from '../store/slots.ts'
import { type ServedPage, test } from '../testing/status-page-fixture.ts'
import { ago, enterHome, monitor, outcomeOf, replay, startDue } from '../testing/store-fixture.ts'
import type { Outcome } from '../verdict/finding.ts'
import { defaultPolicy } from '../verdict/policy.ts'

const textOf = async (url: string) => (await fetch(url)).text()
const statusOf = async ({ url }: ServedPage) => JSON.parse(await textOf(`${url}/api/checks`))
/** The page's text. */
const pageOf = async ({ url }: ServedPage) => (await textOf(url)).replace(/<[^>]+>/g, '').replaceAll('&#39;', "'")
const timeText = (time: Date) => `${time.toISOString().slice(0, 19).replace('T', ' ')} UTC`

/** Ends a replay of a check with an error, before or after tests were started. */
async function replayWithError(pool: pg.Pool, check: string, secondsAgo: number, reason: string, durationMs?: number) {
  const instance = await enterHome(pool)
  await planSlots(pool, [{ check, due: ago(secondsAgo), location: 'home' }])
  for (const started of await startDue(pool, instance)) {
    const { durationMs: _, ...outcome } = outcomeOf(started, 'error')
    await recordResult(pool, { ...outcome, reason, ...(durationMs !== undefined && { durationMs }) }, noMaintenance)
  }
}

test('an error of the last replay is shown by its kind, never with its text', async ({ pool, served }) => {
  await monitor(pool, { name: 'orders' }, { name: 'users' })
  await replay(pool, 'users', 600, 'passed')
  await replayWithError(pool, 'users', 300, 'SyntaxError: const KEY = "hush"')
  await replayWithError(pool, 'orders', 300, 'our own network: hush', 20)
  expect(await statusOf(served)).toMatchObject({
    checks: [
      { name: 'orders', state: 'unknown', error: { kind: 'broken off', locations: ['home'] }, slots: { unknown: 1 } },
      { name: 'users', state: 'up', error: { kind: 'not run', locations: ['home'] }, slots: { unknown: 1 } },
    ],
  })
  const page = await pageOf(served)
  expect(page).toMatch(/orders is unknown\s+Of 2 checks, 1 is unknown, 1 is up\.\s*2 checks have incomplete data\./)
  expect(page).toContain(
    'The last replay from home ran no test: its specs cannot be loaded, or the monitor had an error.',
  )
  expect(page).toContain(
    'The last replay from home ended in an error of the monitor or its machine, not of the service.',
  )
  expect(page).toContain("The last slot gave no evidence of the service's state.")
  expect(page + JSON.stringify(await statusOf(served))).not.toContain('hush')
})

test('a check without evidence in three slots is shown, and sent, as unknown', async ({ pool, served }) => {
  await monitor(pool, { name: 'users' })
  await replay(pool, 'users', 600, 'passed')
  for (const secondsAgo of [500, 400]) await replay(pool, 'users', secondsAgo, 'unknown')
  expect(await statusOf(served)).toMatchObject({ checks: [{ state: 'up', slots: { unknown: 2 } }] })
  await replay(pool, 'users', 300, 'unknown')
  expect(await statusOf(served)).toMatchObject({ checks: [{ state: 'unknown', slots: { unknown: 3 } }] })
  const page = await pageOf(served)
  expect(page).toContain('users is unknown')
  expect(page).toContain("The last 3 slots gave no evidence of the service's state.")
  const { rows } = await pool.query(`select channel, message ->> 'kind' as kind from reprise.outbox`)
  expect(rows).toEqual([{ channel: 'oncall', kind: 'unknown' }])
})

test('replays on an overloaded machine are counted, also after one with evidence', async ({ pool, served }) => {
  await monitor(pool, { name: 'users' })
  for (const [secondsAgo, reason] of [
    [700, 'monitor overloaded: for 900 of 1000 ms the test waited for a processor of this machine'],
    [600, 'SyntaxError: monitor overloaded'],
    [500, 'monitor overloaded: for 700 of 900 ms the test waited for a processor of this machine'],
  ] as const)
    await replayWithError(pool, 'users', secondsAgo, reason, 20)
  await replay(pool, 'users', 300, 'passed')
  expect(await statusOf(served)).toMatchObject({
    checks: [{ name: 'users', state: 'up', slots: { missed: 0, skipped: 0, reason: null, overloaded: 2 } }],
  })
  expect(await pageOf(served)).toContain(
    "The monitor's machine was overloaded in the last 24 hours, so 2 replays had no result.",
  )
})

test('an error at one of several locations is shown, whichever replay was last', async ({ pool, served }) => {
  const locations = ['home', 'tokyo']
  const policy = { ...defaultPolicy, locations: { count: 2, agree: 1 } }
  await monitor(pool, { name: 'users', locations, policy })
  const instances = await Promise.all(locations.map(location => enter(pool, { location, capacity: 1 })))
  const errorsAfter = async (seconds: number, outcomes: [home: Outcome, tokyo: Outcome]) => {
    await planSlots(
      pool,
      locations.map(location => ({ check: 'users', due: ago(seconds), location })),
    )
    // Tokyo ends first.
    for (const [index, instance] of [...instances.entries()].reverse()) {
      for (const started of await startDue(pool, instance)) {
        await recordResult(pool, outcomeOf(started, outcomes[index]), noMaintenance)
      }
    }
    return (await statusOf(served)).checks[0].error
  }
  expect(await errorsAfter(900, ['passed', 'error'])).toEqual({ kind: 'broken off', locations: ['tokyo'] })
  expect(await errorsAfter(600, ['error', 'error'])).toEqual({ kind: 'broken off', locations })
  expect(await errorsAfter(300, ['passed', 'passed'])).toBeNull()
})

test('a failure that is being confirmed is shown with its first slot', async ({ pool, served }) => {
  await monitor(pool, { name: 'users', policy: { ...defaultPolicy, confirm: { down: 3, up: 1 } } })
  const confirming = async () => (await statusOf(served)).checks[0].confirming
  await replay(pool, 'users', 800, 'passed')
  expect(await confirming()).toBeNull()
  const first = ago(600).getTime()
  for (const [seconds, outcome] of [
    [600, 'failed'],
    [500, 'error'],
    [400, 'failed'],
  ] as const) {
    await replay(pool, 'users', seconds, outcome)
    expect(Math.abs(Date.parse(await confirming()) - first)).toBeLessThan(10_000)
  }
  const page = await pageOf(served)
  expect(page).toMatch(/The check is up\s+1 failure is being confirmed\./)
  expect(page).toContain(`Failing, being confirmed since ${timeText(new Date(await confirming()))}.`)
  // Also if the first slot is older than what is read usually.
  await openDays(pool, ago(6 * 86_400), ago(0))
  await pool.query(`update reprise.slots set due = due - interval '5 days' where due < $1`, [ago(550)])
  expect(Math.abs(Date.parse(await confirming()) - (first - 5 * 86_400_000))).toBeLessThan(10_000)
  await replay(pool, 'users', 300, 'failed')
  expect(await statusOf(served)).toMatchObject({ checks: [{ state: 'down', confirming: null }] })
})

test('missed and skipped slots of a day are counted, with the reason of the last one', async ({ pool, served }) => {
  await monitor(pool, { name: 'orders' }, { name: 'users' })
  const slot = (check: string, hours: number) => ({ check, due: ago(hours * 3600), location: 'home' })
  const missed = 'no monitor was running'
  const last = slot('users', 2)
  await planSlots(pool, [
    { ...slot('users', 25), missed },
    { ...slot('users', 3), missed },
    { ...last, missed },
  ])
  // The other check is being replayed.
  await planSlots(pool, [slot('orders', 1.5)])
  await startDue(pool, await enterHome(pool))
  await planSlots(pool, [slot('orders', 1)])
  const { checks } = await statusOf(served)
  expect(checks).toMatchObject([
    {
      name: 'orders',
      slots: { missed: 0, skipped: 1, reason: expect.stringMatching(/^the replay .* had not ended$/) },
    },
    { name: 'users', slots: { missed: 2, skipped: 0, reason: missed } },
  ])
  expect(await pageOf(served)).toContain('Slots of the last 24 hours: 2 missed. The last one: no monitor was running.')
  // Slots during maintenance do not count.
  const [begin, end] = [last.due, new Date(last.due.getTime() + 1000)]
  const maintained = (...checks: string[]) => {
    served.inForce = { ...served.inForce, maintenanceSpans: () => [{ begin, end, checks }] }
  }
  maintained('orders')
  expect((await statusOf(served)).checks[1]).toMatchObject({ name: 'users', slots: { missed: 2 } })
  maintained('users')
  expect((await statusOf(served)).checks[1]).toMatchObject({ name: 'users', slots: { missed: 1 } })
})

test('a slot whose check was removed from the configuration is not lost', async ({ pool, served }) => {
  await monitor(pool, { name: 'users' })
  await planSlots(pool, [{ check: 'users', due: ago(60), location: 'home' }])
  await monitor(pool)
  await monitor(pool, { name: 'users' })
  expect(await statusOf(served)).toMatchObject({ checks: [{ slots: { missed: 0, reason: null } }] })
})

test('a result is out of date after two further due times, whether or not slots were planned', async ({
  pool,
  served,
}) => {
  const cron = '*/5 * * * *'
  await monitor(pool, { name: 'users' })
  await replay(pool, 'users', 300, 'passed')
  const times = timetable([{ name: 'users', cron, timezone: 'UTC' }])
  served.inForce = { ...served.inForce, timetable: times }
  expect(await statusOf(served)).toMatchObject({ checks: [{ state: 'up', stale: false }] })
  // As if no monitor had run for two hours.
  await pool.query(
    `update reprise.checks set last_replay = jsonb_set(last_replay, '{due}', to_jsonb(now() - interval '2 hours'))`,
  )
  await pool.query(`update reprise.seats set last_due = now() - interval '2 hours'`)
  await pool.query('delete from reprise.slots')
  expect(await statusOf(served)).toMatchObject({ checks: [{ state: 'up', stale: true }] })
  expect(await pageOf(served)).toMatch(
    /The check is out of date\s+1 check has incomplete data\..*Out of date: the newest result is of /s,
  )
  // As if slots were planned and not replayed.
  served.inForce = { ...served.inForce, timetable: timetable([]) }
  expect(await statusOf(served)).toMatchObject({ checks: [{ stale: false }] })
  await planSlots(
    pool,
    [600, 300].map(seconds => ({ check: 'users', due: ago(seconds), location: 'home' })),
  )
  expect(await statusOf(served)).toMatchObject({ checks: [{ stale: true }] })
  // However long ago that was.
  await pool.query('delete from reprise.slots')
  await pool.query(
    `update reprise.checks set last_replay = jsonb_set(last_replay, '{due}', to_jsonb(now() - interval '20 days'))`,
  )
  expect(await statusOf(served)).toMatchObject({ checks: [{ stale: false }] })
  await planSlots(
    pool,
    [19, 18].map(days => ({ check: 'users', due: ago(days * 86_400), location: 'home' })),
  )
  expect(await statusOf(served)).toMatchObject({ checks: [{ stale: true }] })
  times.close()
})

test('due times before a change of the schedule do not make a result out of date', async ({ pool, served }) => {
  await monitor(pool, { name: 'users', schedule: 'yearly' })
  await replay(pool, 'users', 1800, 'passed')
  const times = timetable([{ name: 'users', cron: '* * * * *', timezone: 'UTC' }])
  served.inForce = { ...served.inForce, timetable: times }
  await pool.query(`update reprise.seats set last_due = now()`)
  expect(await statusOf(served)).toMatchObject({ checks: [{ stale: false }] })
  times.close()
})

test('during maintenance no remarks are shown', async ({ pool, served }) => {
  await monitor(pool, { name: 'users' })
  await planSlots(pool, [{ check: 'users', due: ago(3600), location: 'home', missed: 'no monitor was running' }])
  await replay(pool, 'users', 1200, 'failed')
  await replayWithError(pool, 'users', 900, 'not loaded')
  served.inForce = {
    ...served.inForce,
    timetable: timetable([{ name: 'users', cron: '* * * * *', timezone: 'UTC' }]),
    isInMaintenance: () => true,
    maintenanceSpans: () => [],
  }
  expect(await statusOf(served)).toMatchObject({
    checks: [{ state: 'maintenance', stale: false, confirming: null, error: null, slots: { missed: 0, reason: null } }],
  })
  expect(await pageOf(served)).not.toMatch(/Failing,|Out of date|Slots of|The last replay|incomplete/)
  served.inForce.timetable.close()
})

test("undelivered messages are counted for each channel, without the receiver's response", async ({ pool, served }) => {
  await monitor(pool, { name: 'users' })
  const owe = (channel: string, columns: Record<string, string>) => {
    const [names, values] = [Object.keys(columns), Object.values(columns)]
    return pool.query(
      `insert into reprise.outbox (stream, channel, position, message, idempotency_key, ${names.join(', ')})
       values (gen_random_uuid(), $1, 1, '{}', '${randomUUID()}', ${values.join(', ')})`,
      [channel],
    )
  }
  await owe('desk', { created_at: 'now()' })
  const failed = { last_error: `'Channel oncall answered 503: hush'`, last_failure: `'answered 503'`, attempts: '3' }
  await owe('oncall', { ...failed, created_at: `'2030-03-01T00:00:00Z'` })
  await owe('oncall', { created_at: `'2030-03-01T00:01:00Z'` })
  await owe('pager', { created_at: `now() - interval '1 minute'` })
  await owe('old', {
    delivered_at: `now() - interval '2 hours'`,
    last_error: `'this channel is not configured any more'`,
  })
  await owe('older', {
    delivered_at: `now() - interval '25 hours'`,
    last_error: `'this channel is not configured any more'`,
  })
  await owe('quiet', { delivered_at: `now()`, last_error: `'muted'` })
  expect(await statusOf(served)).toMatchObject({
    undelivered: [
      { channel: 'oncall', messages: 2, since: '2030-03-01T00:00:00.000Z', failure: 'answered 503' },
      { channel: 'pager', messages: 1, failure: null },
    ],
    unsent: [{ channel: 'old', messages: 1 }],
  })
  const page = await pageOf(served)
  expect(page).toContain('3 messages are not delivered.')
  expect(page).toContain('oncall: 2 messages not delivered since 2030-03-01 00:00:00 UTC. Last attempt: answered 503.')
  expect(page).toMatch(
    /old: 1 message closed without being sent at .* UTC, since this channel is not configured any more\./,
  )
  expect(page + JSON.stringify(await statusOf(served))).not.toContain('hush')
})
