/** What operators do, and what follows for the alerts and the uptime. */

import { expect } from '@playwright/test'
import type pg from 'pg'
import { onlyChecks } from '../testing/check-messages.ts'
import { ago, deliverAny, monitor, replay, test } from '../testing/store-fixture.ts'
import { defaultPolicy } from '../verdict/policy.ts'
import { acknowledge, readAcknowledgements, unacknowledge, writeNote } from './acknowledgements.ts'
import { readActions, readIncidentActions } from './actions.ts'
import { openDays } from './days.ts'
import { readWaitingSlots } from './history.ts'
import { endWindow, openWindow, readWindows } from './maintenance-windows.ts'
import { mute, readMutes, unmute } from './mutes.ts'
import { openPool } from './pool.ts'
import { requestRun } from './requested-runs.ts'
import { inTransaction } from './transaction.ts'
import { readUptimes } from './uptime.ts'

const atOnce = { policy: { ...defaultPolicy, confirm: { down: 1, up: 1 } } }
const users = { kind: 'check', name: 'users' } as const
const hour = { forMs: 3_600_000 }

/** Delivers all messages; returns them as `channel kind: check news, ...`, in order. */
async function deliver(pool: pg.Pool): Promise<string[]> {
  const sent: string[] = []
  const send = onlyChecks(async ({ channel, message }) => {
    sent.push(
      `${channel} ${message.kind}: ${message.checks.map(({ name, state, news }) => `${name} ${news ?? state}`).join(', ')}`,
    )
  })
  while (await deliverAny(pool, send));
  return sent
}

/** The log, oldest first, as `who kind subject`. */
const logOf = async (pool: pg.Pool) =>
  (await readActions(pool, 50)).map(({ operator, kind, subject }) => `${operator} ${kind} ${subject}`).reverse()

/** As if so many minutes had passed since an operator acted. */
async function passMinutes(pool: pg.Pool, minutes: number) {
  const passed = `interval '${minutes} minutes'`
  await pool.query(`update reprise.mutes set until = until - ${passed}`)
  await pool.query(
    `update reprise.maintenance_windows set begins_at = begins_at - ${passed}, ends_at = ends_at - ${passed}`,
  )
}

test('an incident is acknowledged once, whichever instance is asked, and can be taken back', async ({
  pool,
  emptyDatabase,
}) => {
  await monitor(pool, { name: 'users', ...atOnce })
  await replay(pool, 'users', 60, 'failed')
  const other = openPool(emptyDatabase.url)
  const asked = await Promise.all([
    acknowledge(pool, 1, { operator: 'Ada' }),
    acknowledge(other, 1, { operator: 'Grace' }),
    acknowledge(pool, 1, { operator: 'Ada' }),
  ])
  await other.end()
  expect(asked.filter(({ isNew }) => isNew)).toHaveLength(1)
  const [{ operator }] = asked
  expect(asked.map(each => each.operator)).toEqual(Array(3).fill(operator))
  // The note of someone who comes later is kept.
  expect(await acknowledge(pool, 1, { operator: 'Eve', note: 'it is the new index' })).toMatchObject({
    operator,
    isNew: false,
  })
  expect((await readAcknowledgements(pool, [1, 2])).get(1)).toMatchObject({ operator, at: expect.any(Date) })
  expect(await unacknowledge(pool, 1, 'Ada')).toBe(true)
  expect(await unacknowledge(pool, 1, 'Ada')).toBe(false)
  await writeNote(pool, 1, 'Ada', 'all is well\u0000')
  expect(await readIncidentActions(pool, 1)).toMatchObject([
    { kind: 'acknowledge', operator, detail: {} },
    { kind: 'note', operator: 'Eve', detail: { text: 'it is the new index' } },
    { kind: 'unacknowledge', operator: 'Ada' },
    { kind: 'note', detail: { text: 'all is well\ufffd' } },
  ])
})

test('what does not exist, is over, or lies in the past is refused, and not recorded', async ({ pool }) => {
  await monitor(pool, { name: 'users', ...atOnce })
  await replay(pool, 'users', 60, 'failed')
  await replay(pool, 'users', 30, 'passed')
  const soon = new Date(Date.now() + 600_000)
  const refusals = [
    [() => acknowledge(pool, 1, { operator: 'Ada' }), 'conflict', 'Incident 1 is closed.'],
    [() => acknowledge(pool, 2, { operator: 'Ada' }), 'unknown', 'There is no incident 2.'],
    [() => writeNote(pool, 2, 'Ada', 'text'), 'unknown', 'There is no incident 2.'],
    [() => mute(pool, { kind: 'check', name: 'user' }, hour, 'Ada'), 'unknown', 'No check "user" is monitored.'],
    [() => mute(pool, { kind: 'channel', name: 'users' }, hour, 'Ada'), 'unknown', 'No channel "users" is configured.'],
    [() => unmute(pool, { kind: 'check', name: 'user' }, 'Ada'), 'unknown', 'No check "user" is monitored.'],
    [() => mute(pool, users, { until: ago(1) }, 'Ada'), 'invalid', 'A mute cannot end in the past'],
    [() => mute(pool, users, { forMs: 367 * 86_400_000 }, 'Ada'), 'invalid', 'longer than a year'],
    [() => openWindow(pool, { until: hour, checks: ['users', 'user'] }, 'Ada'), 'unknown', 'No check "user"'],
    [() => openWindow(pool, { from: ago(600), until: hour }, 'Ada'), 'invalid', 'cannot begin in the past'],
    [() => openWindow(pool, { from: soon, until: { until: soon } }, 'Ada'), 'invalid', 'must end after it begins'],
    [() => openWindow(pool, { until: { forMs: 93 * 86_400_000 } }, 'Ada'), 'invalid', 'longer than 92 days'],
    [() => endWindow(pool, 1, 'Ada'), 'unknown', 'There is no maintenance window 1.'],
    [() => requestRun(pool, 'user', 'Ada'), 'unknown', 'No check "user" is monitored.'],
  ] as const
  for (const [refused, kind, message] of refusals) {
    await expect(refused()).rejects.toMatchObject({ kind, message: expect.stringContaining(message) })
  }
  expect(await logOf(pool)).toEqual([])
})

test('a muted check alerts no one, counts in the uptime, and is told once the mute ends', async ({ pool }) => {
  await monitor(pool, { name: 'users', ...atOnce })
  await mute(pool, users, hour, 'Ada')
  await replay(pool, 'users', 300, 'failed')
  await replay(pool, 'users', 240, 'failed')
  expect(await deliver(pool)).toEqual([])
  expect((await readUptimes(pool, new Date(), ['users'])).get('users')?.['24 hours']).toMatchObject({ up: 0, down: 2 })
  await passMinutes(pool, 61)
  expect(await readMutes(pool)).toEqual([])
  await replay(pool, 'users', 180, 'failed')
  await replay(pool, 'users', 120, 'failed')
  expect(await deliver(pool)).toEqual(['oncall down: users fell'])
  // Muted while it is down: its recovery is told.
  await mute(pool, users, hour, 'Ada')
  await replay(pool, 'users', 60, 'passed')
  expect(await deliver(pool)).toEqual(['oncall up: users recovered'])
})

test('a mute is replaced by a longer one, and ended by hand', async ({ pool }) => {
  await monitor(pool, { name: 'users', ...atOnce })
  const { until } = await mute(pool, users, hour, 'Ada')
  await mute(pool, users, { until }, 'Ada')
  await mute(pool, users, { until: new Date(until.getTime() + 60_000) }, 'Grace')
  expect(await readMutes(pool)).toMatchObject([{ kind: 'check', name: 'users', operator: 'Grace' }])
  expect(await unmute(pool, users, 'Ada')).toBe(true)
  expect(await unmute(pool, users, 'Ada')).toBe(false)
  expect(await logOf(pool)).toEqual(['Ada mute users', 'Grace mute users', 'Ada unmute users'])
  await replay(pool, 'users', 60, 'failed')
  expect(await deliver(pool)).toEqual(['oncall down: users fell'])
})

test('a muted channel is alerted afterwards, and the others at once', async ({ pool }) => {
  await monitor(pool, { name: 'users', channels: ['oncall', 'desk'], ...atOnce })
  await mute(pool, { kind: 'channel', name: 'oncall' }, hour, 'Ada')
  await replay(pool, 'users', 300, 'failed')
  expect(await deliver(pool)).toEqual(['desk down: users fell'])
  await unmute(pool, { kind: 'channel', name: 'oncall' }, 'Ada')
  await replay(pool, 'users', 240, 'failed')
  expect(await deliver(pool)).toEqual(['oncall down: users fell'])
  await replay(pool, 'users', 180, 'passed')
  expect((await deliver(pool)).sort()).toEqual(['desk up: users recovered', 'oncall up: users recovered'])
})

test('an unknown state of a muted check is told once the mute ends', async ({ pool }) => {
  await monitor(pool, { name: 'users', ...atOnce })
  await replay(pool, 'users', 600, 'passed')
  await mute(pool, users, hour, 'Ada')
  for (const seconds of [540, 480, 420]) await replay(pool, 'users', seconds, 'error')
  expect(await deliver(pool)).toEqual([])
  await unmute(pool, users, 'Ada')
  await replay(pool, 'users', 360, 'error')
  expect(await deliver(pool)).toEqual(['oncall unknown: users unknown'])
})

test('an acknowledged incident tells recoveries, with checks that have joined it, and no flapping', async ({
  pool,
}) => {
  const calm = { policy: { ...atOnce.policy, flapping: { turns: 2, within: 20, steady: 2 } } }
  const flapping = async (name: string, acknowledged: boolean) => {
    await monitor(pool, { name, ...calm }, { name: `${name}-late`, ...calm })
    await replay(pool, name, 900, 'passed')
    await replay(pool, name, 840, 'failed')
    const [{ id }] = (await pool.query('select id from reprise.incidents where closed_at is null')).rows
    if (acknowledged) await acknowledge(pool, id, { operator: 'Ada' })
    await replay(pool, `${name}-late`, 780, 'failed')
    const sent = await deliver(pool)
    for (const [seconds, outcome] of [
      [720, 'passed'],
      [660, 'failed'],
      [600, 'passed'],
      [540, 'passed'],
      [480, 'passed'],
    ] as const) {
      await replay(pool, name, seconds, outcome)
      sent.push(...(await deliver(pool)))
    }
    return sent
  }
  const told = [
    'oncall down: a fell, a-late fell',
    'oncall flapping: a flapping, a-late down',
    'oncall update: a recovered, a-late down',
  ]
  expect(await flapping('a', false)).toEqual(told)
  await monitor(pool)
  await deliver(pool)
  expect(await flapping('b', true)).toEqual(['oncall down: b fell', 'oncall update: b recovered, b-late fell'])
})

test('a window of maintenance holds for all instances: no alert, no uptime, until it ends', async ({ pool }) => {
  await monitor(pool, { name: 'users', ...atOnce }, { name: 'orders', ...atOnce })
  const window = await openWindow(pool, { until: hour, checks: ['users', 'users'], reason: 'new disks' }, 'Ada')
  expect(window).toMatchObject({ id: 1, checks: ['users'], reason: 'new disks' })
  await passMinutes(pool, 10)
  // Due before it begins.
  await replay(pool, 'users', 700, 'passed')
  await replay(pool, 'users', 500, 'failed')
  await replay(pool, 'orders', 400, 'failed')
  expect((await readUptimes(pool, new Date(), ['users'])).get('users')?.['24 hours']).toMatchObject({ up: 1, down: 0 })
  await pool.query(`update reprise.maintenance_windows set ends_at = $1`, [ago(300)])
  // The message of another check of the incident lists it.
  expect(await deliver(pool)).toEqual(['oncall down: orders fell, users fell'])
  await replay(pool, 'users', 200, 'failed')
  expect((await readUptimes(pool, new Date(), ['users'])).get('users')?.['24 hours']).toMatchObject({ up: 1, down: 1 })
})

test('a window that crosses now ends early, and one that has not begun is cancelled', async ({ pool }) => {
  await monitor(pool, { name: 'users', ...atOnce })
  const now = await openWindow(pool, { until: hour }, 'Ada')
  await passMinutes(pool, 10)
  await replay(pool, 'users', 60, 'failed')
  expect(await deliver(pool)).toEqual([])
  const later = await openWindow(pool, { from: new Date(Date.now() + 86_400_000), until: hour }, 'Ada')
  expect(later.end.getTime() - later.begin.getTime()).toBe(hour.forMs)
  expect(await endWindow(pool, now.id, 'Grace')).toBe(true)
  expect(await endWindow(pool, now.id, 'Grace')).toBe(false)
  expect(await endWindow(pool, later.id, 'Grace')).toBe(true)
  expect(await endWindow(pool, later.id, 'Grace')).toBe(false)
  const [ended, ...more] = await readWindows(pool, ago(600))
  expect(ended?.id).toBe(now.id)
  expect(Math.abs((ended?.end.getTime() ?? 0) - Date.now())).toBeLessThan(60_000)
  expect(more).toEqual([])
  await passMinutes(pool, 10)
  await replay(pool, 'users', 30, 'failed')
  expect(await deliver(pool)).toEqual(['oncall down: users fell'])
  expect(await logOf(pool)).toEqual([
    'Ada maintain 1',
    'Ada maintain 2',
    'Grace end maintenance 1',
    'Grace end maintenance 2',
  ])
})

test('a check is run on request, once until it has started', async ({ pool }) => {
  await monitor(pool, { name: 'users', locations: ['home', 'abroad'] })
  expect(await requestRun(pool, 'users', 'Ada')).toBe(true)
  expect(await requestRun(pool, 'users', 'Ada')).toBe(false)
  const { rows } = await pool.query('select location, kind, state from reprise.slots order by location')
  expect(rows).toEqual(['abroad', 'home'].map(location => ({ location, kind: 'manual', state: 'due' })))
  expect(await logOf(pool)).toEqual(['Ada run users'])
})

test('of operators who ask for a run at the same time one has it, and none without an entry in the log', async ({
  pool,
  emptyDatabase,
}) => {
  await monitor(pool, { name: 'users' })
  await expect(requestRun(pool, 'users', 'Ada\u0000')).rejects.toThrow()
  const other = openPool(emptyDatabase.url)
  // None ends before both are under way.
  const [asking] = await inTransaction(other, async client => {
    await client.query('lock table reprise.actions in share mode')
    const requests = Promise.all([requestRun(pool, 'users', 'Ada'), requestRun(other, 'users', 'Grace')])
    await expect
      .poll(async () => {
        const { rowCount } = await pool.query(
          `select from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'`,
        )
        return rowCount
      })
      .toBe(2)
    // Not awaited here: they end after this transaction.
    return [requests]
  })
  const asked = await asking
  await other.end()
  expect(asked?.filter(Boolean)).toHaveLength(1)
  expect((await pool.query('select from reprise.slots')).rowCount).toBe(1)
  expect(await logOf(pool)).toEqual([asked?.[0] ? 'Ada run users' : 'Grace run users'])
})

test('a requested run that is not started within two days is missed, and prevents no other', async ({ pool }) => {
  await monitor(pool, { name: 'users' }, { name: 'orders' })
  for (const check of ['users', 'orders']) await requestRun(pool, check, 'Ada')
  await openDays(pool, ago(49 * 3600), ago(0))
  await pool.query(`update reprise.slots set due = due - interval '49 hours'`)
  expect(await readWaitingSlots(pool, new Date())).toEqual(new Map())
  expect(await requestRun(pool, 'users', 'Ada')).toBe(true)
  expect([...(await readWaitingSlots(pool, new Date())).keys()]).toEqual(['users'])
  await replay(pool, 'orders', 60, 'passed')
  const { rows } = await pool.query(
    'select check_name as check, kind, state, counted from reprise.slots order by check_name, due',
  )
  expect(rows).toEqual([
    { check: 'orders', kind: 'manual', state: 'missed', counted: true },
    { check: 'orders', kind: 'cron', state: 'done', counted: false },
    { check: 'users', kind: 'manual', state: 'missed', counted: true },
    { check: 'users', kind: 'manual', state: 'due', counted: false },
  ])
})

test('the log is only appended to', async ({ pool }) => {
  await monitor(pool, { name: 'users' })
  await mute(pool, users, hour, 'Ada')
  for (const change of [
    "update reprise.actions set operator = 'Eve'",
    'delete from reprise.actions',
    'truncate reprise.actions',
  ]) {
    await expect(pool.query(change)).rejects.toThrow('only appended to')
  }
  const [newest] = await readActions(pool, 1)
  expect(await readActions(pool, 10, newest?.id)).toEqual([])
})
