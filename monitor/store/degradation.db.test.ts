/** Messages that a check is degraded, one by one. */
import { expect } from '@playwright/test'
import type pg from 'pg'
import { messageText } from '../alerts/message-text.ts'
import { type Alert, alertsOf, endedAlertsOf } from '../alerts/notice.ts'
import { deliverAny, enterHome, monitor, outcomeOf, startDue, startTogether, test } from '../testing/store-fixture.ts'
import type { Outcome } from '../verdict/finding.ts'
import { type IsInMaintenance, noMaintenance } from './check-rules.ts'
import { setChecks } from './checks.ts'
import { mute } from './mutes.ts'
import { recordResult } from './replays.ts'
import { planSlots } from './slots.ts'

const slowReason = 'GET https://api.example.com/orders took 812 ms, more than 500 ms'
const letters: Record<string, Outcome> = { p: 'passed', r: 'flaky', s: 'slow', f: 'failed', e: 'error' }
const takenReason = 'an order is taken: expected 201'
const reasons: Record<string, string> = { r: takenReason, s: slowReason, f: takenReason, e: 'no network' }

/** Replays in slots that are minutes apart, ending now or `endsMinutesAgo`; `p`, `r` (passed on a retry), `s`, `f` and `e` are their outcomes. */
async function replays(
  pool: pg.Pool,
  outcomes: string,
  { minutes = 5, endsMinutesAgo = 0, check = 'orders', isInMaintenance = noMaintenance } = {},
) {
  const instance = await enterHome(pool)
  for (const [index, letter] of [...outcomes].entries()) {
    // Confirming slots are left out.
    await pool.query(`delete from reprise.slots where state = 'due'`)
    const ago = endsMinutesAgo + (outcomes.length - index) * minutes
    const due = new Date(Math.floor(Date.now() / 1000) * 1000 - ago * 60_000)
    await planSlots(pool, [{ check, due, location: 'home' }])
    for (const started of await startDue(pool, instance)) {
      const { [letter]: reason } = reasons
      const outcome = outcomeOf(started, letters[letter])
      await recordResult(pool, { ...outcome, ...(reason && { reason }) }, isInMaintenance)
    }
  }
}

interface Sent {
  title: string
  lines: string[]
  /** At receivers whose alerts are opened and closed. */
  alerts: Alert[]
  ended: Alert[]
}

async function deliver(pool: pg.Pool): Promise<Sent[]> {
  const sent: Sent[] = []
  while (
    await deliverAny(pool, async ({ channel, message, idempotencyKey }) => {
      const { title, lines } = messageText(message)
      const notice = { message, idempotencyKey }
      sent.push({ title: `${channel}: ${title}`, lines, alerts: alertsOf(notice), ended: endedAlertsOf(notice) })
    })
  );
  return sent
}

const titles = async (pool: pg.Pool) => (await deliver(pool)).map(({ title }) => title)

const [degraded, noLonger] = [
  'oncall: Degraded in production: orders',
  'oncall: No longer degraded in production: orders',
]

test('a check that is slow twice is reported with what took too long, and when it is up again', async ({ pool }) => {
  await monitor(pool, { name: 'orders' })
  await replays(pool, 'ps', { endsMinutesAgo: 100 })
  expect(await deliver(pool)).toEqual([])
  await replays(pool, 'sss', { endsMinutesAgo: 80 })
  const [message, ...more] = await deliver(pool)
  expect(more).toEqual([])
  expect(message?.title).toBe(degraded)
  expect(message?.lines[0]).toContain(slowReason)
  await replays(pool, 'pp', { endsMinutesAgo: 40 })
  expect(await titles(pool)).toEqual([noLonger])
})

test('a check that fails often, but not in a row, is reported with how often and the last failure', async ({
  pool,
}) => {
  await monitor(pool, { name: 'orders' })
  await replays(pool, 'pfpfpf')
  const [message] = await deliver(pool)
  expect(message).toMatchObject({
    title: degraded,
    lines: [
      expect.stringContaining('orders: 3 of its last 6 replays have failed: an order is taken: expected 201 (since '),
    ],
  })
})

test('a check that passes only on a retry is reported after ten times, and when it passes at once', async ({
  pool,
}) => {
  await monitor(pool, { name: 'orders' })
  await replays(pool, 'prrrrrrrrr', { endsMinutesAgo: 60 })
  expect(await deliver(pool)).toEqual([])
  await replays(pool, 'rr', { endsMinutesAgo: 40 })
  const [message, ...more] = await deliver(pool)
  expect(more).toEqual([])
  expect(message).toMatchObject({
    title: degraded,
    lines: [
      expect.stringContaining(`orders: none of its last 10 replays has passed without a retry: ${takenReason} (since `),
    ],
  })
  await replays(pool, 'p')
  expect(await titles(pool)).toEqual([noLonger])
})

test('when the check falls, the message of the incident is enough; nothing follows when it is up', async ({ pool }) => {
  await monitor(pool, { name: 'orders' })
  await replays(pool, 'pss', { endsMinutesAgo: 60 })
  const [first] = await deliver(pool)
  expect(first?.title).toBe(degraded)
  await replays(pool, 'ff', { endsMinutesAgo: 40 })
  const [fall, ...more] = await deliver(pool)
  expect(more).toEqual([])
  expect(fall?.title).toBe('oncall: Down in production: orders')
  expect(fall?.ended).toEqual(expect.arrayContaining(first?.alerts ?? []))
  await replays(pool, 'pp', { endsMinutesAgo: 20 })
  expect(await titles(pool)).toEqual(['oncall: Up again in production: orders'])
})

test('what waits to be sent is withdrawn when the check falls; what was tried has an end after it', async ({
  pool,
}) => {
  await monitor(pool, { name: 'orders' }, { name: 'users' })
  await replays(pool, 'pss', { endsMinutesAgo: 60 })
  await replays(pool, 'pss', { endsMinutesAgo: 60, check: 'users' })
  await replays(pool, 'ff', { endsMinutesAgo: 40 })
  expect(await titles(pool)).toEqual(['oncall: Degraded in production: users', 'oncall: Down in production: orders'])
  await replays(pool, 'p', { endsMinutesAgo: 30 })
  expect(await titles(pool)).toEqual(['oncall: Up again in production: orders'])
})

test('a message whose attempt has failed may arrive after the fall: its end is sent when the check is up', async ({
  pool,
}) => {
  await monitor(pool, { name: 'orders' })
  await replays(pool, 'pss', { endsMinutesAgo: 30 })
  const refuse = () => Promise.reject(new Error('refused'))
  expect(await deliverAny(pool, refuse, { attemptMs: 60_000, firstPauseMs: 0, longestPauseMs: 0 })).toBe(true)
  await replays(pool, 'ff', { endsMinutesAgo: 20 })
  expect((await titles(pool)).sort()).toEqual([degraded, 'oncall: Down in production: orders'])
  await replays(pool, 'ff', { endsMinutesAgo: 10 })
  await replays(pool, 'p', { endsMinutesAgo: 0 })
  expect((await titles(pool)).sort()).toEqual([noLonger, 'oncall: Up again in production: orders'])
})

test('a check that goes to and fro is reported once in six hours, unless it has been degraded for an hour', async ({
  pool,
}) => {
  await monitor(pool, { name: 'orders' })
  // Each turn takes longer than the span in which turns count as flapping.
  await replays(pool, 'ssssssssssppppppppppssssssssssppppppppppssssssssssppppppppppssss', {
    minutes: 4,
    endsMinutesAgo: 200,
  })
  expect(await titles(pool)).toEqual([degraded, noLonger])
  await replays(pool, 'sssssssssssss', { minutes: 5, endsMinutesAgo: 130 })
  expect(await titles(pool)).toEqual([degraded])
})

test('a check whose state is flapping counts as degraded until that ends', async ({ pool }) => {
  await monitor(pool, { name: 'orders' })
  await replays(pool, 'psspsspsspsspss', { minutes: 2, endsMinutesAgo: 60 })
  expect(await titles(pool)).toEqual([degraded, noLonger])
  await pool.query(`update reprise.checks set degraded_reported_at = null`)
  await replays(pool, 'sspsspss', { minutes: 2, endsMinutesAgo: 40 })
  expect(await titles(pool)).toEqual([degraded])
  await replays(pool, 'pppppppp', { minutes: 2, endsMinutesAgo: 20 })
  expect(await titles(pool)).toEqual([])
  await replays(pool, 'ppp', { minutes: 2, endsMinutesAgo: 10 })
  expect(await titles(pool)).toEqual([noLonger])
})

test('maintenance, a muted instance and a muted channel are reported afterwards, an end at any time', async ({
  pool,
}) => {
  await monitor(pool, { name: 'orders', channels: ['desk', 'oncall'] })
  const muted: IsInMaintenance = Object.assign(() => false, { isMuted: true })
  await replays(pool, 'pss', { endsMinutesAgo: 120, isInMaintenance: () => true })
  await replays(pool, 's', { endsMinutesAgo: 110, isInMaintenance: muted })
  expect(await titles(pool)).toEqual([])
  await mute(pool, { kind: 'channel', name: 'desk' }, { forMs: 3_600_000 }, 'ada')
  await replays(pool, 's', { endsMinutesAgo: 100 })
  expect(await titles(pool)).toEqual([degraded])
  await pool.query('delete from reprise.mutes')
  await replays(pool, 's', { endsMinutesAgo: 90 })
  expect(await titles(pool)).toEqual(['desk: Degraded in production: orders'])
  await replays(pool, 'p', { endsMinutesAgo: 80, isInMaintenance: () => true })
  expect(await titles(pool)).toEqual(['desk: No longer degraded in production: orders', noLonger])
})

test('a check that becomes unknown stays reported; one that is removed is not degraded any more', async ({ pool }) => {
  await monitor(pool, { name: 'orders' })
  await replays(pool, 'psseee', { endsMinutesAgo: 60 })
  expect(await titles(pool)).toEqual([degraded, 'oncall: Unknown in production: orders'])
  await setChecks(pool, [], new Date())
  await monitor(pool, { name: 'users' })
  expect((await titles(pool)).sort()).toEqual([noLonger, 'oncall: Not monitored any more in production: orders'])
})

test('checks that become degraded in one run are one message, and one when they are up, although it is delivered meanwhile', async ({
  pool,
}) => {
  const names = Array.from({ length: 10 }, (_, index) => `check-${index}`)
  await monitor(pool, ...names.map(name => ({ name, confirmEveryMs: 600_000 })))
  const told: string[] = []
  const run = async (secondsAgo: number, outcome: Outcome) => {
    for (const started of await startTogether(pool, names, secondsAgo)) {
      await recordResult(pool, { ...outcomeOf(started, outcome), reason: slowReason }, noMaintenance)
      told.push(...(await titles(pool)))
    }
  }
  await run(600, 'passed')
  for (const secondsAgo of [500, 400]) await run(secondsAgo, 'slow')
  expect(told.splice(0)).toEqual([`oncall: Degraded in production: ${names.join(', ')}`])
  await run(300, 'passed')
  expect(told).toEqual([`oncall: No longer degraded in production: ${names.join(', ')}`])
})

test('a channel that is added while a check is degraded is told with the next slot', async ({ pool }) => {
  await monitor(pool, { name: 'orders' })
  await replays(pool, 'pss', { endsMinutesAgo: 60 })
  expect(await titles(pool)).toEqual([degraded])
  await monitor(pool, { name: 'orders', channels: ['desk', 'oncall'] })
  await replays(pool, 's', { endsMinutesAgo: 50 })
  expect(await titles(pool)).toEqual(['desk: Degraded in production: orders'])
  await replays(pool, 'p', { endsMinutesAgo: 40 })
  expect(await titles(pool)).toEqual(['desk: No longer degraded in production: orders', noLonger])
})
