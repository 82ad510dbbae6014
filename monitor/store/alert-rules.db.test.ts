/** Routes, quiet hours and acknowledgements, message by message. */
import { expect } from '@playwright/test'
import type pg from 'pg'
import { ago, deliverAny, outcomeOf, replay, rules, startTogether, test } from '../testing/store-fixture.ts'
import type { Outcome } from '../verdict/finding.ts'
import { defaultPolicy } from '../verdict/policy.ts'
import { acknowledge, unacknowledge } from './acknowledgements.ts'
import { type AlertRules, plainAlertRules } from './alert-rules.ts'
import { type CheckRules, noMaintenance } from './check-rules.ts'
import { setChecks } from './checks.ts'
import { readClosedMessages } from './closed-messages.ts'
import type { AlertMessage } from './messages.ts'
import { beginMatter, endMatter, type Matter } from './notices.ts'
import { writeDueReminders } from './reminders.ts'
import { closeRemovedChannels } from './removed-channels.ts'
import { recordResult } from './replays.ts'
import { inTransaction } from './transaction.ts'
import { readUndeliveredMessages } from './undelivered-messages.ts'

const atOnce = { policy: { ...defaultPolicy, confirm: { down: 1, up: 1 }, blindAfter: 1 } }
type NewCheck = Partial<CheckRules> & { name: string }

/** Makes these the active configuration; the channels are all that exist. */
async function configure(pool: pg.Pool, checks: NewCheck[], alerts: Partial<AlertRules> = {}) {
  await setChecks(
    pool,
    checks.map(check => rules({ ...atOnce, ...check })),
    ago(3600),
    { rules: { ...plainAlertRules, ...alerts }, channels: ['boss', 'desk', 'oncall'] },
  )
}

const textOf = (channel: string, message: AlertMessage) => {
  if ('subjects' in message) {
    return `${channel} ${message.kind} ${message.phase}: ${message.subjects.map(({ name }) => name).join(', ')}`
  }
  const checks = 'checks' in message ? message.checks : []
  return `${channel} ${message.kind}: ${checks.map(({ name, state, news }) => `${name} ${news ?? state}`).join(', ')}`
}

/** Delivers all messages, as `channel kind: check news, check state, ...`, in order. */
async function deliver(pool: pg.Pool): Promise<string[]> {
  const sent: string[] = []
  while (
    await deliverAny(pool, async ({ channel, message }) => {
      sent.push(textOf(channel, message))
    })
  );
  return sent
}

/** What waits for the end of quiet hours, in order. */
async function waiting(pool: pg.Pool): Promise<string[]> {
  const { rows } = await pool.query<{ channel: string; message: AlertMessage }>(
    `select channel, message from reprise.outbox
      where delivered_at is null and not_before > clock_timestamp() + interval '1 minute' order by id`,
  )
  return rows.map(({ channel, message }) => textOf(channel, message))
}

/** Records a run of these checks in each of their environments. */
async function run(pool: pg.Pool, secondsAgo: number, outcomes: Record<string, Outcome>) {
  const { rows } = await pool.query<{ checks: string[] }>(
    'select array_agg(name) as checks from reprise.checks where name = any($1) group by environment order by environment',
    [Object.keys(outcomes)],
  )
  for (const { checks } of rows) {
    for (const started of await startTogether(pool, checks, secondsAgo)) {
      await recordResult(pool, outcomeOf(started, outcomes[started.check] ?? 'passed'), noMaintenance)
    }
  }
}

const slow: Matter = {
  ...{ kind: 'degraded', severity: 'warning', at: '2030-03-01T00:00:00+00:00', since: '2030-03-01T00:00:00+00:00' },
  ...{ checks: ['orders'], environment: 'production', name: 'orders', text: 'it needs more than 2 s' },
}

test('routes choose the channels by tag, severity and kind; the end goes to the channels that have the alert', async ({
  pool,
}) => {
  const checks = [
    { name: 'orders', tags: ['@checkout'] },
    { name: 'report', severity: 'warning', environment: 'staging' },
    { name: 'users' },
  ] satisfies NewCheck[]
  await configure(pool, checks, {
    routes: [
      { match: { kinds: ['degraded'] }, channels: [] },
      { match: { tags: ['@checkout'] }, channels: ['boss'], continue: true },
      { match: { severity: ['warning'] }, channels: ['desk'] },
    ],
  })
  await run(pool, 100, { orders: 'failed' })
  expect(await deliver(pool)).toEqual(['boss down: orders fell', 'oncall down: orders fell'])
  await run(pool, 90, { report: 'failed' })
  expect(await deliver(pool)).toEqual(['desk down: report fell'])
  await inTransaction(pool, client => beginMatter(client, slow))
  expect(await deliver(pool)).toEqual([])
  await configure(pool, checks)
  await run(pool, 80, { orders: 'passed', report: 'passed' })
  expect((await deliver(pool)).sort()).toEqual([
    'boss up: orders recovered',
    'desk up: report recovered',
    'oncall up: orders recovered',
  ])
})

test('what concerns several checks is routed for each of them; a check in maintenance, or muted, adds no channels', async ({
  pool,
}) => {
  const checks: NewCheck[] = [
    { name: 'orders', tags: ['@checkout'] },
    { name: 'report', channels: ['desk'] },
    { name: 'other', environment: 'staging', tags: ['@checkout'] },
  ]
  await configure(pool, checks, {
    routes: [
      { match: { tags: ['@checkout'], kinds: ['certificate', 'leak', 'trouble'] }, channels: ['boss'] },
      { match: { checks: ['report'], kinds: ['leak'] }, channels: [] },
    ],
  })
  const { checks: _, ...place } = { ...slow, name: 'api.example.com' }
  const begin = async (matter: Matter, isQuiet?: (check: string) => boolean) => {
    await inTransaction(pool, client => beginMatter(client, matter, { again: true, isQuiet }))
    return (await deliver(pool)).map(text => text.split(':')[0])
  }
  const certificate: Matter = { ...place, kind: 'certificate' }
  expect(await begin(certificate)).toEqual(['boss certificate began', 'desk certificate began'])
  expect(await begin(certificate, check => check === 'orders')).toEqual(['desk certificate began'])
  const leak = (...names: string[]): Matter => ({ ...place, kind: 'leak', name: names.join(), checks: names })
  expect(await begin(leak('orders'))).toEqual(['boss leak began'])
  expect(await begin(leak('report'))).toEqual([])
  expect(await begin(leak('orders', 'report'))).toEqual(['boss leak began'])
  // It is not monitored any more, so that all of the environment are concerned.
  expect(await begin(leak('gone'))).toEqual(['boss leak began'])
  expect(await begin({ ...place, kind: 'trouble', checks: ['orders'] })).toEqual(['boss trouble began'])
})

test('a late heartbeat has a kind of its own for routes, and is down for those without', async ({ pool }) => {
  const checks: NewCheck[] = [{ name: 'backup', source: 'heartbeat' }, { name: 'orders' }]
  await configure(pool, checks, {
    routes: [
      { match: { kinds: ['heartbeat'] }, channels: ['desk'] },
      { match: { kinds: ['down'] }, channels: ['boss'] },
    ],
  })
  await run(pool, 200, { backup: 'failed' })
  await pool.query(`update reprise.incidents set opened_at = opened_at - interval '1 hour'`)
  await run(pool, 190, { orders: 'failed' })
  expect((await deliver(pool)).sort()).toEqual(['boss down: orders fell', 'desk down: backup fell'])
  await configure(pool, checks, { routes: [{ match: { kinds: ['down'] }, channels: ['boss'] }] })
  await run(pool, 180, { backup: 'failed' })
  expect(await deliver(pool)).toEqual(['boss down: backup fell'])
})

test('in quiet hours a matter waits by the tags of its checks', async ({ pool }) => {
  const checks: NewCheck[] = [{ name: 'night', tags: ['@jobs'] }, { name: 'orders' }]
  await configure(pool, checks, { quietHours: always.map(hours => ({ ...hours, match: { tags: ['@jobs'] } })) })
  const leak = (check: string): Matter => ({ ...slow, kind: 'leak', name: `PUT / of ${check}`, checks: [check] })
  await inTransaction(pool, client => beginMatter(client, leak('night')))
  expect(await waiting(pool)).toEqual(['oncall leak began: PUT / of night'])
  await configure(pool, checks)
  expect(await deliver(pool)).toEqual(['oncall leak began: PUT / of night'])
  await configure(pool, checks, { quietHours: always.map(hours => ({ ...hours, match: { tags: ['@jobs'] } })) })
  const { checks: _known, ...known } = leak('night')
  await inTransaction(pool, client => endMatter(client, known))
  expect(await waiting(pool)).toEqual(['oncall leak ended: PUT / of night'])
  const { checks: _, ...place } = slow
  await inTransaction(pool, client => beginMatter(client, { ...place, kind: 'certificate', name: 'a.example.com' }))
  expect(await deliver(pool)).toEqual(['oncall certificate began: a.example.com'])
})

test('a channel that is removed after it was told of a failure gets nothing more', async ({ pool }) => {
  const checks = [rules({ ...atOnce, name: 'users', channels: ['desk', 'oncall'] })]
  const configured = (channels: string[], of: string[]) =>
    setChecks(
      pool,
      checks.map(check => ({ ...check, channels: of })),
      ago(3600),
      { rules: { ...plainAlertRules, remindersAfterMs: [3_600_000] }, channels },
    )
  await configured(['desk', 'oncall'], ['desk', 'oncall'])
  await run(pool, 200, { users: 'failed' })
  expect(await deliver(pool)).toEqual(['desk down: users fell', 'oncall down: users fell'])
  await configured(['oncall'], ['oncall'])
  await pool.query(
    `update reprise.outbox set created_at = created_at - interval '2 hours', delivered_at = delivered_at - interval '2 hours'`,
  )
  await writeDueReminders(pool, noMaintenance)
  await run(pool, 190, { users: 'failed' })
  await closeRemovedChannels(pool)
  expect(await deliver(pool)).toEqual(['oncall reminder: users down'])
  await run(pool, 180, { users: 'passed' })
  await closeRemovedChannels(pool)
  expect(await deliver(pool)).toEqual(['oncall up: users recovered'])
})

test('a channel to which a check is routed while it is down gets the state', async ({ pool }) => {
  const users = { name: 'users', channels: ['oncall'] }
  await configure(pool, [users])
  await run(pool, 100, { users: 'failed' })
  await deliver(pool)
  await configure(pool, [users], { routes: [{ match: {}, channels: ['desk'] }] })
  await run(pool, 90, { users: 'failed' })
  expect(await deliver(pool)).toEqual(['desk down: users fell'])
  await run(pool, 80, { users: 'passed' })
  expect((await deliver(pool)).sort()).toEqual(['desk up: users recovered', 'oncall up: users recovered'])
})

test('a route for flapping leaves out channels that have the alert', async ({ pool }) => {
  const policy = { ...atOnce.policy, flapping: { turns: 3, within: 8, steady: 3 } }
  const checks = [{ name: 'users', channels: ['desk', 'oncall'], policy }]
  await configure(pool, checks, { routes: [{ match: { kinds: ['flapping'] }, channels: ['oncall'] }] })
  for (const [index, outcome] of (['failed', 'passed', 'failed', 'passed', 'failed', 'failed'] as const).entries()) {
    await run(pool, 100 - index, { users: outcome })
  }
  expect((await deliver(pool)).filter(text => text.includes('flapping'))).toEqual([
    expect.stringContaining('oncall flapping'),
  ])
})

test('what waits for a channel is sent while the channel is configured, although no check names it', async ({
  pool,
}) => {
  const checks = [{ name: 'users' }]
  await configure(pool, checks, { routes: [{ match: {}, channels: ['desk', 'oncall'] }] })
  await run(pool, 100, { users: 'failed' })
  await configure(pool, checks, { routes: [{ match: {}, channels: [] }] })
  expect(await closeRemovedChannels(pool)).toEqual([])
  await setChecks(pool, checks.map(rules), ago(3600), { rules: plainAlertRules, channels: ['oncall'] })
  expect(await closeRemovedChannels(pool)).toEqual([{ channel: 'desk', messages: 1 }])
  expect(await readClosedMessages(pool)).toMatchObject([{ channel: 'desk', messages: 1 }])
  expect(await deliver(pool)).toEqual(['oncall down: users fell'])
})

test('after an acknowledgement a check that joins is reported with the recovery, or at once if it is more urgent', async ({
  pool,
}) => {
  const checks = [
    { name: 'a', severity: 'warning' },
    { name: 'b', severity: 'warning', channels: ['desk', 'oncall'] },
    { name: 'c' },
  ] satisfies NewCheck[]
  await configure(pool, checks)
  await run(pool, 100, { a: 'failed' })
  expect(await deliver(pool)).toEqual(['oncall down: a fell'])
  await acknowledge(pool, 1, { operator: 'Ada' })
  await run(pool, 90, { b: 'failed' })
  // Its own channel does not know the incident.
  expect(await deliver(pool)).toEqual(['desk down: a fell, b fell'])
  await run(pool, 80, { c: 'failed' })
  expect((await deliver(pool)).sort()).toEqual([
    'desk update: a down, b down, c fell',
    'oncall update: a down, b fell, c fell',
  ])
  await run(pool, 70, { a: 'passed', b: 'passed', c: 'passed' })
  expect((await deliver(pool)).sort()).toEqual([
    'desk up: a recovered, b recovered, c recovered',
    'oncall up: a recovered, b recovered, c recovered',
  ])
})

test('a check that joined after the acknowledgement is reported when that is taken back', async ({ pool }) => {
  await configure(pool, [{ name: 'a' }, { name: 'b' }])
  await run(pool, 100, { a: 'failed' })
  await deliver(pool)
  await acknowledge(pool, 1, { operator: 'Ada' })
  await run(pool, 90, { b: 'failed' })
  expect(await deliver(pool)).toEqual([])
  await unacknowledge(pool, 1, 'Ada')
  await run(pool, 80, { b: 'failed' })
  expect(await deliver(pool)).toEqual(['oncall update: a down, b fell'])
})

const always = [{ from: 0, to: 1440, timezone: 'UTC', match: {} }]

test('in quiet hours what is critical is sent, and the rest waits, with its end instead of its history', async ({
  pool,
}) => {
  const checks = [
    { name: 'night', severity: 'warning' },
    { name: 'other', severity: 'warning', environment: 'staging' },
    { name: 'users', environment: 'shop' },
  ] satisfies NewCheck[]
  await configure(pool, checks, { quietHours: always })
  await run(pool, 100, { night: 'failed', other: 'failed', users: 'failed' })
  expect(await waiting(pool)).toEqual(['oncall down: night fell', 'oncall down: other fell'])
  // It waits, and has not failed.
  await pool.query(`update reprise.outbox set created_at = created_at - interval '1 hour' where not_before is not null`)
  expect(await readUndeliveredMessages(pool)).toEqual([])
  await run(pool, 90, { night: 'passed', users: 'passed' })
  expect(await waiting(pool)).toEqual(['oncall up: night recovered', 'oncall down: other fell'])
  await run(pool, 80, { night: 'failed' })
  // The morning.
  await configure(pool, checks)
  expect(await waiting(pool)).toEqual([])
  expect((await deliver(pool)).sort()).toEqual([
    'oncall down: night fell',
    'oncall down: other fell',
    'oncall down: users fell',
    'oncall up: night recovered',
    'oncall up: users recovered',
  ])
})

test('what comes and goes in quiet hours is one message about an incident, and none about other matters', async ({
  pool,
}) => {
  const checks = [
    { name: 'night', severity: 'warning' },
    { name: 'orders', severity: 'warning' },
  ] satisfies NewCheck[]
  await configure(pool, checks, { quietHours: always })
  await run(pool, 200, { orders: 'passed', night: 'passed' })
  await inTransaction(pool, client => beginMatter(client, slow))
  await run(pool, 190, { orders: 'error' })
  expect(await waiting(pool)).toEqual(['oncall degraded began: orders', 'oncall unknown: orders unknown'])
  await run(pool, 180, { night: 'failed', orders: 'failed' })
  await run(pool, 170, { night: 'passed' })
  await inTransaction(pool, client => endMatter(client, slow))
  expect(await waiting(pool)).toEqual(['oncall down: night recovered, orders fell'])
  await run(pool, 160, { orders: 'passed' })
  expect(await waiting(pool)).toEqual(['oncall up: night recovered, orders recovered'])
})

test('the end of what was reported before the quiet hours is sent after them, whatever has waited meanwhile', async ({
  pool,
}) => {
  const checks = [{ name: 'orders', severity: 'warning' }] satisfies NewCheck[]
  const certificate: Matter = { ...slow, kind: 'certificate', name: 'api.example.com', text: 'it expires in 14 days' }
  const [before, meanwhile] = [certificate, { ...certificate, name: 'new.example.com' }]
  const notifyAgain = (matter: Matter) => inTransaction(pool, client => beginMatter(client, matter, { again: true }))
  await configure(pool, checks)
  await run(pool, 200, { orders: 'passed' })
  await run(pool, 190, { orders: 'error' })
  await notifyAgain(before)
  expect(await deliver(pool)).toEqual(['oncall unknown: orders unknown', 'oncall certificate began: api.example.com'])
  await configure(pool, checks, { quietHours: always })
  for (const matter of [before, meanwhile, meanwhile]) await notifyAgain(matter)
  expect(await waiting(pool)).toEqual(['oncall certificate began: api.example.com, new.example.com'])
  for (const matter of [before, meanwhile]) await inTransaction(pool, client => endMatter(client, matter))
  for (const [secondsAgo, outcome] of [
    [180, 'passed'],
    [170, 'error'],
    [160, 'passed'],
  ] as const) {
    await run(pool, secondsAgo, { orders: outcome })
  }
  expect(await waiting(pool)).toEqual(['oncall certificate ended: api.example.com', 'oncall known: orders known'])
  // What has begun again before the channel has seen the end is nothing new.
  await notifyAgain(before)
  await run(pool, 150, { orders: 'error' })
  expect(await waiting(pool)).toEqual([])
})

test('a check that becomes critical while its message waits is reported at once', async ({ pool }) => {
  const checks = [{ name: 'night', severity: 'warning' }] satisfies NewCheck[]
  await configure(pool, checks, { quietHours: always })
  await run(pool, 100, { night: 'failed' })
  expect(await waiting(pool)).toEqual(['oncall down: night fell'])
  await configure(pool, [{ name: 'night', severity: 'critical' }], { quietHours: always })
  expect(await waiting(pool)).toEqual([])
  expect(await deliver(pool)).toEqual(['oncall down: night fell'])
})

test('an urgent message of an incident takes along what waits', async ({ pool }) => {
  const checks = [{ name: 'night', severity: 'warning' }, { name: 'users' }] satisfies NewCheck[]
  await configure(pool, checks, { quietHours: always })
  await run(pool, 100, { night: 'failed' })
  expect(await waiting(pool)).toEqual(['oncall down: night fell'])
  await replay(pool, 'users', 90, 'failed')
  expect(await waiting(pool)).toEqual([])
  expect(await deliver(pool)).toEqual(['oncall down: night fell, users fell'])
})

test('quiet hours of some channels, or for some messages, hold no others', async ({ pool }) => {
  const checks = [
    { name: 'night', severity: 'warning', channels: ['desk', 'oncall'], tags: ['@jobs'] },
    { name: 'orders', severity: 'warning', environment: 'staging' },
  ] satisfies NewCheck[]
  const [each] = always.map(hours => ({ ...hours, channels: ['oncall'], match: { tags: ['@jobs'] } }))
  await configure(pool, checks, { quietHours: each ? [each] : [] })
  await run(pool, 100, { night: 'failed', orders: 'failed' })
  expect(await waiting(pool)).toEqual(['oncall down: night fell'])
})
