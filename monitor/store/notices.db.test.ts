/** Matters other than the state of a check, message by message. */
import { expect } from '@playwright/test'
import type pg from 'pg'
import { messageText } from '../alerts/message-text.ts'
import { deliverAny, monitor, test } from '../testing/store-fixture.ts'
import { beginMatter, endMatter, type Matter, reportMatter } from './notices.ts'
import { inTransaction } from './transaction.ts'

const at = '2030-03-01T00:00:00+00:00'
const slow: Matter = {
  ...{ kind: 'degraded', severity: 'warning', environment: 'production', at, since: at },
  ...{ check: 'orders', name: 'orders', text: 'it needs more than 2 s' },
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
  await inTransaction(pool, client => beginMatter(client, { ...slow, check: 'users', name: 'users' }))
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
