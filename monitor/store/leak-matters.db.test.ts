/** Messages about leaks, one by one. */
import { randomUUID } from 'node:crypto'
import { expect } from '@playwright/test'
import type pg from 'pg'
import type { Intent, LedgerEntry } from '../../environment/ledger/entry.ts'
import { messageText } from '../alerts/message-text.ts'
import { ago, deliverAny, monitor, test } from '../testing/store-fixture.ts'
import { leakMatters } from './leak-matters.ts'
import { openLedger, releaseLedger, takeLedger, writeEntries } from './ledgers.ts'
import { mute } from './mutes.ts'
import { reportPresentMatters } from './present-matters.ts'

const intentOf = (environment: string, secondsAgo: number, path = '/orders/4711'): Intent => ({
  ...{ id: randomUUID(), at: ago(secondsAgo).toISOString(), environment, replay: 'r', check: 'orders' },
  ...{ method: 'PUT', url: `https://api.example.com${path}`, token: 't', timeoutMs: 1000 },
})

/** The ledger of a run of that environment, which has ended; takes further entries. */
async function write(pool: pg.Pool, environment: string, ...entries: LedgerEntry[]) {
  const holder = randomUUID()
  const ledger = { run: `20260101T000000Z-${environment}`, environment, settings: { baseURL: 'https://a.example/' } }
  await openLedger(pool, ledger, holder)
  await takeLedger(pool, ledger.run, holder)
  await writeEntries(pool, ledger.run, holder, entries)
  await releaseLedger(pool, ledger.run, holder)
}

const left = (intent: Intent, reason = 'DELETE was answered with 403'): LedgerEntry[] => [
  { entry: 'intent', intent },
  { entry: 'unresolved', id: intent.id, reason },
]

async function told(pool: pg.Pool) {
  await reportPresentMatters(pool, leakMatters)
  const sent: string[] = []
  while (
    await deliverAny(pool, async ({ channel, message }) => {
      const { title, lines } = messageText(message)
      sent.push([`${channel}: ${title}`, ...lines].join('\n'))
    })
  );
  return sent.sort()
}

test('leaks that sweeps could not remove are one message per environment, and one when they are removed', async ({
  pool,
}) => {
  await monitor(
    pool,
    { name: 'orders', channels: ['desk', 'oncall'] },
    { name: 'other', environment: 'staging', channels: ['oncall'] },
  )
  const fresh = intentOf('production', 300, '/fresh')
  const [first, second, third, elsewhere] = [
    intentOf('production', 2000),
    intentOf('production', 1800, '/orders/4712'),
    intentOf('production', 1700, '/carts'),
    intentOf('staging', 1700),
  ]
  await write(pool, 'production', ...[first, second, third, fresh].flatMap(intent => left(intent)))
  await write(pool, 'staging', ...left(elsewhere))
  const messages = await told(pool)
  expect(messages.map(text => text.split('\n')[0])).toEqual([
    'desk: Possible leak in production: PUT /carts of orders, PUT /orders/{order} of orders',
    'oncall: Possible leak in production: PUT /carts of orders, PUT /orders/{order} of orders',
    'oncall: Possible leak in staging: PUT /orders/{order} of orders',
  ])
  expect(messages[0]).toContain('2 requests may have left something: DELETE was answered with 403.')

  // Neither is the same leak reported again, nor more of the same route.
  await write(pool, 'production', ...left(intentOf('production', 1600, '/orders/4713')))
  expect(await told(pool)).toEqual([])

  await write(pool, 'production', { entry: 'ended', id: third.id, as: 'removed' })
  expect(await told(pool)).toEqual([
    expect.stringContaining('desk: Leak removed in production: PUT /carts of orders\n'),
    expect.stringContaining('oncall: Leak removed in production: PUT /carts of orders\n'),
  ])
})

test('what the first sweep has not tried yet is no leak, and a sweep under way ends none', async ({ pool }) => {
  await monitor(pool, { name: 'orders' })
  const intent = intentOf('production', 2000)
  await write(pool, 'production', { entry: 'intent', intent })
  const held = (until: string) =>
    pool.query(`update reprise.ledgers set held_until = clock_timestamp() + $1::interval`, [until])
  // Its run was killed a minute ago.
  await held('-1 minute')
  expect(await told(pool)).toEqual([])
  await held('-20 minutes')
  expect(await told(pool)).toEqual([
    expect.stringContaining('oncall: Possible leak in production: PUT /orders/{order}'),
  ])
  await held('20 seconds')
  expect(await told(pool)).toEqual([])
  await pool.query('delete from reprise.intents')
  expect(await told(pool)).toEqual([expect.stringContaining('oncall: Leak removed in production: PUT /orders/{order}')])
})

test('a request that is in progress is neither counted nor the reason of a leak', async ({ pool }) => {
  await monitor(pool, { name: 'orders' })
  const [before, failed, after] = [
    intentOf('production', 2000),
    intentOf('production', 1900),
    intentOf('production', 1800),
  ]
  const started = [before, after].map(intent => ({ entry: 'intent' as const, intent }))
  await write(pool, 'production', ...started, ...left(failed))
  await pool.query(`update reprise.ledgers set held_until = clock_timestamp() + interval '20 seconds'`)
  expect(await told(pool)).toEqual([
    expect.stringContaining('a request may have left something: DELETE was answered with 403.'),
  ])
})

test('a leak of a muted check, or of one in maintenance, is reported afterwards to the channels of that check', async ({
  pool,
}) => {
  await monitor(pool, { name: 'orders' }, { name: 'users', channels: ['desk'] })
  await mute(pool, { kind: 'check', name: 'orders' }, { forMs: 3_600_000 }, 'ada')
  await write(pool, 'production', ...left(intentOf('production', 2000)))
  expect(await told(pool)).toEqual([])
  await pool.query('delete from reprise.mutes')
  await reportPresentMatters(pool, leakMatters, () => true)
  expect(await told(pool)).toEqual([expect.stringContaining('oncall: Possible leak in production: PUT /orders/')])
})

test('a muted channel is notified afterwards, if the leak lasts', async ({ pool }) => {
  await monitor(pool, { name: 'orders' })
  await mute(pool, { kind: 'channel', name: 'oncall' }, { forMs: 3_600_000 }, 'ada')
  await write(pool, 'production', ...left(intentOf('production', 2000)))
  expect(await told(pool)).toEqual([])
  await pool.query('delete from reprise.mutes')
  expect(await told(pool)).toHaveLength(1)
})
