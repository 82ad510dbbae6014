/** Matters other than the state of a check, message by message. */
import { expect } from '@playwright/test'
import type pg from 'pg'
import { messageText } from '../alerts/message-text.ts'
import { ago, deliverAny, monitor, rules, test } from '../testing/store-fixture.ts'
import { plainAlertRules } from './alert-rules.ts'
import { setChecks } from './checks.ts'
import { mute, unmute } from './mutes.ts'
import { beginMatter, endMatter, type Matter, reportMatter } from './notices.ts'
import { recipientsOf } from './recipients.ts'
import { inTransaction } from './transaction.ts'

const at = '2030-03-01T00:00:00+00:00'
const slow: Matter = {
  ...{ kind: 'degraded', severity: 'warning', environment: 'production', at, since: at },
  ...{ checks: ['orders'], name: 'orders', text: 'it needs more than 2 s' },
}

/** Delivers all messages; returns the title of each, with its channel. */
async function deliver(pool: pg.Pool): Promise<string[]> {
  const sent: string[] = []
  while (
    await deliverAny(pool, async ({ channel, message }) => {
      sent.push(`${channel}: ${messageText(message).title}`)
    })
  );
  return sent
}

test('a matter is one message to each channel of its check, and one when it ends', async ({ pool }) => {
  await monitor(pool, { name: 'orders', channels: ['desk', 'oncall'] }, { name: 'users', channels: ['other'] })
  for (const _ of [1, 2]) await inTransaction(pool, client => beginMatter(client, slow))
  expect(await deliver(pool)).toEqual([
    'desk: Degraded in production: orders',
    'oncall: Degraded in production: orders',
  ])
  for (const _ of [1, 2]) await inTransaction(pool, client => endMatter(client, slow))
  expect(await deliver(pool)).toEqual([
    'desk: No longer degraded in production: orders',
    'oncall: No longer degraded in production: orders',
  ])
})

test('what waits for the same channel is one message; an end is not merged into its beginning', async ({ pool }) => {
  await monitor(pool, { name: 'orders' }, { name: 'users' })
  await inTransaction(pool, client => beginMatter(client, slow))
  await inTransaction(pool, client => beginMatter(client, { ...slow, checks: ['users'], name: 'users' }))
  await inTransaction(pool, client => endMatter(client, slow))
  expect(await deliver(pool)).toEqual([
    'oncall: Degraded in production: orders, users',
    'oncall: No longer degraded in production: orders',
  ])
})

test('a matter of the monitor itself goes to the channels of all checks, of which each has its own order', async ({
  pool,
}) => {
  await monitor(pool, { name: 'orders', channels: ['desk'] }, { name: 'users', channels: ['oncall'] })
  const lost: Matter = { kind: 'trouble', severity: 'critical', at, since: at, name: 'slots', text: '3 were missed' }
  await inTransaction(pool, client => reportMatter(client, lost))
  await inTransaction(pool, client => beginMatter(client, slow))
  expect((await deliver(pool)).sort()).toEqual([
    'desk: Degraded in production: orders',
    'desk: Trouble of the monitor: slots',
    'oncall: Trouble of the monitor: slots',
  ])
})

test('what does not last is not sent to a channel that is muted then, nor when that ends', async ({ pool }) => {
  await monitor(pool, { name: 'orders', channels: ['desk', 'oncall'] })
  const desk = { kind: 'channel', name: 'desk' } as const
  await mute(pool, desk, { forMs: 3_600_000 }, 'Ada')
  const lost: Matter = { kind: 'trouble', severity: 'critical', at, since: at, name: 'slots', text: '3 were missed' }
  await inTransaction(pool, client => reportMatter(client, lost))
  expect(await deliver(pool)).toEqual(['oncall: Trouble of the monitor: slots'])
  await unmute(pool, desk, 'Ada')
  expect(await deliver(pool)).toEqual([])
})

test('an end is as urgent as its beginning was to each channel', async ({ pool }) => {
  await monitor(pool, { name: 'orders', channels: ['desk', 'oncall'] })
  const begin = (severity: Matter['severity'], again = false, except = new Set<string>()) =>
    inTransaction(pool, client => beginMatter(client, { ...slow, severity }, { again, except }))
  const end = async () => {
    await inTransaction(pool, client => endMatter(client, slow))
    const { rows } = await pool.query<{ text: string }>(
      `select concat_ws(' ', channel, message ->> 'severity') as text from reprise.outbox
        where message ->> 'phase' = 'ended' and delivered_at is null order by 1`,
    )
    await deliver(pool)
    return rows.map(({ text }) => text)
  }
  await begin('critical', false, new Set(['desk']))
  await begin('warning')
  expect(await end()).toEqual(['desk warning', 'oncall critical'])
  await begin('warning')
  await begin('critical', true)
  expect(await end()).toEqual(['desk critical', 'oncall critical'])
})

test('a matter of the monitor itself also goes to channels that only routes have', async ({ pool }) => {
  const ofRoutes = rules({ name: 'orders', channels: [], tags: ['@shop'] })
  const others = rules({ name: 'users', channels: ['desk'], environment: 'staging' })
  await setChecks(pool, [ofRoutes, others], ago(3600), {
    rules: { ...plainAlertRules, routes: [{ match: { tags: ['@shop'] }, channels: ['oncall'] }] },
    channels: ['desk', 'oncall', 'unused'],
  })
  const about = (environment?: string) =>
    inTransaction(pool, client =>
      recipientsOf(client, {
        kind: 'trouble',
        severity: 'critical',
        ...(environment !== undefined && { environment }),
      }),
    )
  expect(await about()).toEqual(['desk', 'oncall'])
  expect(await about('production')).toEqual(['oncall'])
  expect(await about('staging')).toEqual(['desk'])
})
