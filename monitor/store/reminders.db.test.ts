/** Reminders and escalations, with the times of the messages moved in the database. */
import { expect } from '@playwright/test'
import type pg from 'pg'
import { onlyChecks } from '../testing/check-messages.ts'
import { ago, deliverAny, replay, rules, test } from '../testing/store-fixture.ts'
import { defaultPolicy } from '../verdict/policy.ts'
import { acknowledge, unacknowledge } from './acknowledgements.ts'
import { type AlertRules, plainAlertRules } from './alert-rules.ts'
import { type CheckRules, noMaintenance } from './check-rules.ts'
import { setChecks } from './checks.ts'
import { endWindow, openWindow } from './maintenance-windows.ts'
import { mute, unmute } from './mutes.ts'
import { deliverNext } from './outbox.ts'
import { openPool } from './pool.ts'
import { restartReminders, writeDueReminders } from './reminders.ts'
import { inTransaction } from './transaction.ts'

const atOnce = { policy: { ...defaultPolicy, confirm: { down: 1, up: 1 } } }
const [minute, hour, day] = [60_000, 3_600_000, 86_400_000]
const usual = { remindersAfterMs: [hour, 4 * hour, day] }

async function configure(
  pool: pg.Pool,
  alerts: Partial<AlertRules>,
  ...checks: (Partial<CheckRules> & { name: string })[]
) {
  await setChecks(
    pool,
    checks.map(check => rules({ ...atOnce, ...check })),
    ago(3600),
    { rules: { ...plainAlertRules, ...alerts }, channels: ['boss', 'desk', 'manager', 'oncall'] },
  )
}

/** As if so much time had passed since the messages. */
async function pass(pool: pg.Pool, ms: number) {
  await pool.query(
    `update reprise.outbox
        set created_at = created_at - $1 * interval '1 ms', delivered_at = delivered_at - $1 * interval '1 ms',
            not_before = not_before - $1 * interval '1 ms'`,
    [ms],
  )
}

/** Writes what is due and delivers all messages, as `channel kind: check news, check state, ...`, sorted. */
async function remind(pool: pg.Pool, isInMaintenance = noMaintenance): Promise<string[]> {
  await writeDueReminders(pool, isInMaintenance)
  return deliver(pool)
}

async function deliver(pool: pg.Pool): Promise<string[]> {
  const sent: string[] = []
  const send = onlyChecks(async ({ channel, message: { kind, checks } }) => {
    sent.push(`${channel} ${kind}: ${checks.map(({ name, state, news }) => `${name} ${news ?? state}`).join(', ')}`)
  })
  while (await deliverAny(pool, send));
  return sent.sort()
}

test('an incident is remembered after growing intervals, once for all instances, until it ends', async ({
  pool,
  emptyDatabase,
}) => {
  await configure(pool, usual, { name: 'orders', channels: ['desk', 'oncall'] }, { name: 'users' })
  await replay(pool, 'orders', 100, 'failed')
  await replay(pool, 'users', 90, 'failed')
  expect(await deliver(pool)).toEqual(['desk down: orders fell, users fell', 'oncall down: orders fell, users fell'])
  const next = await writeDueReminders(pool, noMaintenance)
  expect(next).toBeGreaterThan(59 * minute)
  expect(next).toBeLessThanOrEqual(hour)
  await pass(pool, 59 * minute)
  expect(await remind(pool)).toEqual([])
  await pass(pool, minute)
  const other = openPool(emptyDatabase.url)
  await Promise.all([pool, other, pool].map(each => writeDueReminders(each, noMaintenance)))
  await other.end()
  expect(await deliver(pool)).toEqual([
    'desk reminder: orders down, users down',
    'oncall reminder: orders down, users down',
  ])
  expect(await remind(pool)).toEqual([])
  await pass(pool, 3 * hour)
  expect(await remind(pool)).toHaveLength(2)
  // The database was away: those of a day, two days and four days were missed.
  await pass(pool, 5 * day)
  expect(await remind(pool)).toHaveLength(2)
  expect(await remind(pool)).toEqual([])
  await pass(pool, 2 * day)
  expect(await remind(pool)).toEqual([])
  await pass(pool, day)
  expect(await remind(pool)).toHaveLength(2)
  await replay(pool, 'orders', 80, 'passed')
  await replay(pool, 'users', 70, 'passed')
  await deliver(pool)
  await pass(pool, 30 * day)
  expect(await remind(pool)).toEqual([])
})

test('no reminder follows soon after another message, or while one waits', async ({ pool }) => {
  await configure(pool, usual, { name: 'a' }, { name: 'b' })
  await replay(pool, 'a', 100, 'failed')
  await pass(pool, 5 * hour)
  await writeDueReminders(pool, noMaintenance)
  expect(await deliver(pool)).toEqual(['oncall down: a fell'])
  expect(await remind(pool)).toEqual([])
  await pass(pool, 20 * hour)
  // An unsent reminder gives way to news.
  await writeDueReminders(pool, noMaintenance)
  await replay(pool, 'b', 90, 'failed')
  expect(await deliver(pool)).toEqual(['oncall update: a down, b fell'])
  expect(await remind(pool)).toEqual([])
})

test('no reminder is written during maintenance, mutes or after an acknowledgement, but afterwards', async ({
  pool,
}) => {
  await configure(pool, usual, { name: 'users' })
  await replay(pool, 'users', 100, 'failed')
  await deliver(pool)
  await pass(pool, hour)
  const inMaintenance = Object.assign((check: string) => check === 'users', {})
  expect(await remind(pool, inMaintenance)).toEqual([])
  const { id } = await openWindow(pool, { until: { forMs: hour } }, 'Ada')
  expect(await remind(pool)).toEqual([])
  await endWindow(pool, id, 'Ada')
  for (const subject of [
    { kind: 'check', name: 'users' },
    { kind: 'channel', name: 'oncall' },
  ] as const) {
    await mute(pool, subject, { forMs: hour }, 'Ada')
    expect(await remind(pool)).toEqual([])
    await unmute(pool, subject, 'Ada')
  }
  await acknowledge(pool, 1, { operator: 'Ada' })
  expect(await remind(pool)).toEqual([])
  await unacknowledge(pool, 1, 'Ada')
  expect(await remind(pool)).toEqual(['oncall reminder: users down'])
})

test('routes leave channels out of reminders', async ({ pool }) => {
  const routes = [{ match: { kinds: ['reminder'], tags: ['@jobs'] }, channels: ['desk'] }] as const
  await configure(pool, { ...usual, routes }, { name: 'night', channels: ['desk', 'oncall'], tags: ['@jobs'] })
  await replay(pool, 'night', 100, 'failed')
  await deliver(pool)
  await pass(pool, hour)
  expect(await remind(pool)).toEqual(['desk reminder: night down'])
})

const escalation = [
  { afterMs: 15 * minute, match: { severity: ['critical'] }, channels: ['manager'] },
  { afterMs: hour, match: {}, channels: ['boss', 'manager'] },
] as const

test('an incident that is not acknowledged is escalated once to each channel, which then gets what follows', async ({
  pool,
}) => {
  await configure(pool, { escalation }, { name: 'a' }, { name: 'b' })
  await replay(pool, 'a', 100, 'failed')
  // The receiver is away; that delays no escalation.
  expect(await writeDueReminders(pool, noMaintenance)).toBeLessThanOrEqual(15 * minute)
  await pass(pool, 15 * minute)
  expect(await remind(pool)).toEqual(['manager escalation: a fell', 'oncall down: a fell'])
  await pass(pool, 10 * minute)
  expect(await remind(pool)).toEqual([])
  await replay(pool, 'b', 90, 'failed')
  expect(await deliver(pool)).toEqual(['manager update: a down, b fell', 'oncall update: a down, b fell'])
  await pass(pool, 2 * hour)
  expect(await remind(pool)).toEqual(['boss escalation: a fell, b fell'])
  await acknowledge(pool, 1, { operator: 'Ada' })
  await replay(pool, 'a', 80, 'passed')
  await replay(pool, 'b', 70, 'passed')
  expect((await deliver(pool)).filter(text => text.includes(' up:')).length).toBe(3)
})

test('nothing is escalated after an acknowledgement, during maintenance, or for checks that do not match', async ({
  pool,
}) => {
  await configure(
    pool,
    { escalation },
    { name: 'users' },
    { name: 'night', severity: 'warning', environment: 'staging' },
  )
  await replay(pool, 'night', 100, 'failed')
  await deliver(pool)
  await pass(pool, 20 * minute)
  expect(await remind(pool)).toEqual([])
  await replay(pool, 'night', 90, 'passed')
  await replay(pool, 'users', 80, 'failed')
  await deliver(pool)
  await pass(pool, 20 * minute)
  const { id } = await openWindow(pool, { until: { forMs: hour }, checks: ['users'] }, 'Ada')
  expect(await remind(pool)).toEqual([])
  await endWindow(pool, id, 'Ada')
  await acknowledge(pool, 2, { operator: 'Ada' })
  expect(await remind(pool)).toEqual([])
  await unacknowledge(pool, 2, 'Ada')
  expect(await remind(pool)).toEqual(['manager escalation: users fell'])
})

test('reminders and escalations that wait when the incident is acknowledged are not sent, but those that were tried', async ({
  pool,
}) => {
  await configure(pool, { ...usual, escalation }, { name: 'users' })
  await replay(pool, 'users', 100, 'failed')
  await deliver(pool)
  await pass(pool, hour)
  await writeDueReminders(pool, noMaintenance)
  await acknowledge(pool, 1, { operator: 'Ada' })
  expect(await remind(pool)).toEqual([])
  await unacknowledge(pool, 1, 'Ada')
  await writeDueReminders(pool, noMaintenance)
  await deliverNext(pool, 'boss', () => Promise.reject(new Error('the response was lost')))
  await acknowledge(pool, 1, { operator: 'Ada' })
  await pool.query('update reprise.outbox set next_attempt = clock_timestamp()')
  expect(await remind(pool)).toEqual(['boss escalation: users fell'])
  await replay(pool, 'users', 90, 'passed')
  expect(await deliver(pool)).toEqual(['boss up: users recovered', 'oncall up: users recovered'])
})

test('an escalation that waits when the incident is acknowledged is sent if it ends an unknown state, of that check', async ({
  pool,
}) => {
  const soonUnknown = { policy: { ...atOnce.policy, blindAfter: 1 } }
  const toBoss = { match: { kinds: ['unknown'] }, channels: ['boss'], continue: false } as const
  const checks = [
    { name: 'other', ...soonUnknown },
    { name: 'users', ...soonUnknown },
  ]
  await configure(pool, { escalation, routes: [toBoss] }, ...checks)
  const acknowledgeEscalated = async (incident: number) => {
    await pass(pool, hour)
    await writeDueReminders(pool, noMaintenance)
    await acknowledge(pool, incident, { operator: 'Ada' })
    return deliver(pool)
  }
  await replay(pool, 'other', 200, 'passed')
  await replay(pool, 'other', 190, 'error')
  await replay(pool, 'users', 180, 'failed')
  expect(await deliver(pool)).toEqual(['boss unknown: other unknown', 'oncall down: users fell'])
  expect(await acknowledgeEscalated(1)).toEqual([])
  await replay(pool, 'users', 170, 'passed')
  expect(await deliver(pool)).toEqual(['oncall up: users recovered'])
  await replay(pool, 'users', 160, 'failed')
  await replay(pool, 'users', 150, 'error')
  expect(await deliver(pool)).toEqual(['boss unknown: users unknown', 'oncall down: users fell'])
  expect(await acknowledgeEscalated(2)).toEqual(['boss escalation: users fell'])
})

test('after the clock was set back, times are counted from then', async ({ pool }) => {
  await configure(pool, { ...usual, escalation }, { name: 'users' })
  await replay(pool, 'users', 100, 'failed')
  await deliver(pool)
  await pass(pool, -365 * day)
  await inTransaction(pool, restartReminders)
  expect(await remind(pool)).toEqual([])
  await pass(pool, 16 * minute)
  expect(await remind(pool)).toEqual(['manager escalation: users fell'])
  await pass(pool, hour)
  expect(await remind(pool)).toEqual([
    'boss escalation: users fell',
    'manager reminder: users down',
    'oncall reminder: users down',
  ])
})

test('after the clock was set back, reminders that were sent before are sent at their times again', async ({
  pool,
}) => {
  await configure(pool, usual, { name: 'users' })
  await replay(pool, 'users', 100, 'failed')
  await deliver(pool)
  await pass(pool, hour + minute)
  expect(await remind(pool)).toEqual(['oncall reminder: users down'])
  await pass(pool, -365 * day)
  await inTransaction(pool, restartReminders)
  expect(await remind(pool)).toEqual([])
  await pass(pool, hour + minute)
  expect(await remind(pool)).toEqual(['oncall reminder: users down'])
  expect(await remind(pool)).toEqual([])
})

test('while a message waits for the end of quiet hours, its incident is neither remembered nor escalated', async ({
  pool,
}) => {
  const quietHours = [{ from: 0, to: 1440, timezone: 'UTC', match: {}, channels: ['oncall'] }]
  await configure(
    pool,
    { ...usual, quietHours, escalation },
    { name: 'night', severity: 'warning', channels: ['oncall'] },
  )
  await replay(pool, 'night', 100, 'failed')
  await pool.query(`update reprise.outbox set created_at = created_at - interval '5 hours'`)
  await writeDueReminders(pool, noMaintenance)
  const { rows } = await pool.query('select channel, message ->> $1 as kind from reprise.outbox', ['kind'])
  expect(rows).toEqual([{ channel: 'oncall', kind: 'down' }])
})
