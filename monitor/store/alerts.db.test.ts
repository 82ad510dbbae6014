/** Alerts, message by message. */

import { expect } from '@playwright/test'
import type pg from 'pg'
import { messageText } from '../alerts/message-text.ts'
import { onlyChecks } from '../testing/check-messages.ts'
import { ago, deliverAny, monitor, outcomeOf, replay, startTogether, test } from '../testing/store-fixture.ts'
import type { Outcome } from '../verdict/finding.ts'
import { defaultPolicy } from '../verdict/policy.ts'
import { noMaintenance } from './check-rules.ts'
import { readStates } from './checks.ts'
import { judgeClosed } from './judgement.ts'
import { readMessageQueue } from './message-queue.ts'
import type { AlertMessage } from './messages.ts'
import { readOpenIncidents } from './open-incidents.ts'
import { nextDeliveryInMs } from './outbox.ts'
import { closeRemovedChannels } from './removed-channels.ts'
import { recordResult } from './replays.ts'
import { planSlots } from './slots.ts'

const atOnce = { policy: { ...defaultPolicy, confirm: { down: 1, up: 1 } } }
const check = (name: string, more: Partial<Parameters<typeof monitor>[1]> = {}) => ({ name, ...atOnce, ...more })

/** Delivers all messages; returns them as `channel kind: check news, check state, ...`, in order. */
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

/** Returns how many queries something sends. */
async function countQueries(pool: pg.Pool, work: () => Promise<unknown>): Promise<number> {
  let count = 0
  const counted = (client: pg.PoolClient) => {
    const query = client.query
    client.query = ((...given: never[]) => {
      count++
      return Reflect.apply(query, client, given)
    }) as typeof query
  }
  pool.once('acquire', counted)
  await work()
  return count
}

/** Records one run of several checks, one result after the other in this order. */
async function run(
  pool: pg.Pool,
  secondsAgo: number,
  outcomes: Record<string, Outcome>,
  isInMaintenance = noMaintenance,
) {
  for (const started of await startTogether(pool, Object.keys(outcomes), secondsAgo)) {
    const outcome = outcomes[started.check] ?? 'passed'
    const reason = outcome === 'error' ? { reason: 'no network' } : {}
    await recordResult(pool, { ...outcomeOf(started, outcome), ...reason }, isInMaintenance)
  }
}

test('checks that fall in one run are one message, however far apart their results arrive', async ({ pool }) => {
  await monitor(pool, check('orders'), check('users'), check('search'))
  const [first, second, third] = await startTogether(pool, ['users', 'orders', 'search'], 100)
  if (!first || !second || !third) throw new Error('Not started.')
  await recordResult(pool, outcomeOf(first, 'failed'), noMaintenance)
  expect(await deliver(pool)).toEqual([])
  const wait = await nextDeliveryInMs(pool, 'oncall')
  expect(wait).toBeGreaterThan(0)
  expect(wait).toBeLessThanOrEqual(5000)
  await recordResult(pool, outcomeOf(second, 'failed'), noMaintenance)
  expect(await deliver(pool)).toEqual([])
  await recordResult(pool, outcomeOf(third, 'passed'), noMaintenance)
  expect(await nextDeliveryInMs(pool, 'oncall')).toBe(0)
  expect(await deliver(pool)).toEqual(['oncall down: orders fell, users fell'])
})

test('a result that arrives after the message was held for its full time is an update', async ({ pool }) => {
  await monitor(pool, check('orders'), check('users'))
  const [first, second] = await startTogether(pool, ['users', 'orders'], 100)
  if (!first || !second) throw new Error('Not started.')
  await recordResult(pool, outcomeOf(first, 'failed'), noMaintenance)
  await pool.query('update reprise.outbox set next_attempt = clock_timestamp()')
  expect(await deliver(pool)).toEqual(['oncall down: users fell'])
  await recordResult(pool, outcomeOf(second, 'failed'), noMaintenance)
  expect(await deliver(pool)).toEqual(['oncall update: orders fell, users down'])
})

test('each further check that falls in a run takes the same few queries, and the message is written once', async ({
  pool,
}) => {
  const names = Array.from({ length: 12 }, (_, index) => `check ${String.fromCharCode(97 + index)}`)
  await monitor(pool, ...names.map(name => check(name, { channels: ['desk', 'oncall'] })))
  const started = await startTogether(pool, names, 100)
  const [last, others] = [started.at(-1), started.slice(0, -1)]
  if (!last) throw new Error('Not started.')
  const counts: number[] = []
  for (const each of others) {
    counts.push(await countQueries(pool, () => recordResult(pool, outcomeOf(each, 'failed'), noMaintenance)))
  }
  expect(Math.max(...counts.slice(1))).toBeLessThanOrEqual(30)
  expect(new Set(counts.slice(1)).size).toBe(1)
  const { waiting } = await readMessageQueue(pool, 10)
  const namesIn = ({ message }: { message: AlertMessage }) =>
    'checks' in message ? message.checks.map(({ name }) => name).sort() : []
  expect(waiting.map(namesIn)).toEqual([names.slice(0, -1), names.slice(0, -1)])
  await recordResult(pool, outcomeOf(last, 'failed'), noMaintenance)
  const reasons: unknown[] = []
  const send = onlyChecks(async ({ message: { kind, checks } }) => {
    reasons.push([kind, ...checks.map(({ name, news, reason }) => `${name} ${news}: ${reason}`)])
  })
  while (await deliverAny(pool, send));
  const all = ['down', ...names.map(name => `${name} fell: a user is added: expected 201`)]
  expect(reasons).toEqual([all, all])
})

test('a message whose run does not end in time has the falls until then', async ({ pool }) => {
  await monitor(pool, check('a'), check('b'), check('c'), check('d'))
  const [a, b, c, d] = await startTogether(pool, ['a', 'b', 'c', 'd'], 100)
  if (!a || !b || !c || !d) throw new Error('Not started.')
  await recordResult(pool, outcomeOf(a, 'failed'), noMaintenance)
  await recordResult(pool, outcomeOf(b, 'failed'), noMaintenance)
  expect(await deliver(pool)).toEqual([])
  await pool.query('update reprise.outbox set next_attempt = clock_timestamp()')
  expect(await deliver(pool)).toEqual(['oncall down: a fell, b fell'])
  await recordResult(pool, outcomeOf(c, 'failed'), noMaintenance)
  await recordResult(pool, outcomeOf(d, 'failed'), noMaintenance)
  expect(await deliver(pool)).toEqual(['oncall update: a down, b down, c fell, d fell'])
})

test('a message that waits for its run shows a check as it fell, also if it has recovered since, or is unknown', async ({
  pool,
}) => {
  const blind = { policy: { ...atOnce.policy, blindAfter: 1 } }
  await monitor(pool, check('a', blind), check('b', blind), check('c', blind), check('d', blind))
  const [a, b, c, d] = await startTogether(pool, ['a', 'b', 'c', 'd'], 100)
  if (!a || !b || !c || !d) throw new Error('Not started.')
  for (const failed of [a, b, c]) await recordResult(pool, outcomeOf(failed, 'failed'), noMaintenance)
  await run(pool, 80, { b: 'passed' })
  await run(pool, 70, { c: 'error' })
  await recordResult(pool, outcomeOf(d, 'failed'), noMaintenance)
  const first: string[] = []
  const send = onlyChecks(async ({ message }) => {
    const { title, lines } = messageText(message)
    if (message.kind === 'down') first.push(title, ...lines.map(line => line.replace(/ since .*? UTC/, '')))
  })
  while (await deliverAny(pool, send));
  const downs = ['a', 'b', 'c'].map(name => `${name} is down: a user is added: expected 201`)
  expect(first).toEqual(['Down in production: a, b, c', ...downs])
})

test('a message that was tried during its run is not changed by the further falls of the run', async ({ pool }) => {
  await monitor(pool, check('a'), check('b'), check('c'))
  const started = await startTogether(pool, ['a', 'b', 'c'], 100)
  const attempts: string[][] = []
  for (const replay of started) {
    await recordResult(pool, outcomeOf(replay, 'failed'), noMaintenance)
    await pool.query('update reprise.outbox set next_attempt = clock_timestamp()')
    const refuse = onlyChecks(async ({ idempotencyKey, message }) => {
      attempts.push([idempotencyKey, JSON.stringify(message)])
      throw new Error('refused')
    })
    await deliverAny(pool, refuse)
  }
  expect(attempts).toEqual(Array(3).fill(attempts[0]))
  await pool.query('update reprise.outbox set next_attempt = clock_timestamp()')
  expect(await deliver(pool)).toEqual(['oncall down: a fell', 'oncall update: a down, b fell, c fell'])
})

test('a message that was tried is not changed: a check that joins later is an update with another key', async ({
  pool,
}) => {
  await monitor(pool, check('orders'), check('users'))
  const attempts: { key: string; text: string }[] = []
  const refuse = onlyChecks(async ({ idempotencyKey: key, message }) => {
    attempts.push({ key, text: JSON.stringify(message) })
    throw new Error('refused')
  })
  const attempt = async () => {
    await deliverAny(pool, refuse)
    await pool.query('update reprise.outbox set next_attempt = clock_timestamp() where delivered_at is null')
  }
  await run(pool, 100, { users: 'failed' })
  await attempt()
  await run(pool, 90, { orders: 'failed' })
  await attempt()
  await run(pool, 80, { users: 'passed' })
  await attempt()
  expect(new Set(attempts.map(({ key, text }) => key + text)).size).toBe(1)
  // Updates that were not tried yet are merged into one message.
  expect(await deliver(pool)).toEqual(['oncall down: users fell', 'oncall update: orders fell, users recovered'])
})

test('an incident that ends before its first delivery is sent with its end', async ({ pool }) => {
  await monitor(pool, check('users'))
  await run(pool, 100, { users: 'failed' })
  await run(pool, 90, { users: 'passed' })
  await run(pool, 80, { users: 'failed' })
  expect(await deliver(pool)).toEqual([
    'oncall down: users fell',
    'oncall up: users recovered',
    'oncall down: users fell',
  ])
})

test('a check that joins the incident of a dependency is alerted to the channels of that incident and to its own', async ({
  pool,
}) => {
  await monitor(
    pool,
    check('database', { channels: ['oncall'] }),
    check('users', { channels: ['desk', 'oncall'], dependsOn: ['database'], environment: 'staging' }),
    check('orders', { channels: ['desk'], dependsOn: ['database'] }),
  )
  await run(pool, 2000, { database: 'failed' })
  expect(await deliver(pool)).toEqual(['oncall down: database fell'])
  await run(pool, 1000, { users: 'failed' })
  expect((await deliver(pool)).sort()).toEqual([
    'desk down: database fell, users fell',
    'oncall update: database down, users fell',
  ])
  await run(pool, 500, { orders: 'failed' })
  expect((await deliver(pool)).sort()).toEqual([
    'desk update: database down, orders fell, users down',
    'oncall update: database down, orders fell, users down',
  ])
})

test('checks that recover together are one update, which names those still down; the last one is the end', async ({
  pool,
}) => {
  await monitor(pool, check('a'), check('b'), check('c'))
  await run(pool, 100, { a: 'failed', b: 'failed', c: 'failed' })
  await deliver(pool)
  await run(pool, 90, { a: 'passed', b: 'passed', c: 'failed' })
  expect(await deliver(pool)).toEqual(['oncall update: a recovered, b recovered, c down'])
  const [incident] = await readOpenIncidents(pool)
  expect(incident?.checks.filter(({ state }) => state === 'down').map(({ name }) => name)).toEqual(['c'])
  await run(pool, 80, { c: 'passed' })
  expect(await deliver(pool)).toEqual(['oncall up: a up, b up, c recovered'])
})

test('a check that falls again in an open incident is alerted again', async ({ pool }) => {
  await monitor(pool, check('a'), check('b'))
  await run(pool, 100, { a: 'failed', b: 'failed' })
  await run(pool, 90, { a: 'passed' })
  await run(pool, 80, { a: 'failed' })
  expect(await deliver(pool)).toEqual([
    'oncall down: a fell, b fell',
    'oncall update: a recovered, b down',
    'oncall update: a fell, b down',
  ])
})

test('maintenance of a check does not hold back the messages of other checks in its incident, nor recoveries', async ({
  pool,
}) => {
  await monitor(pool, check('a'), check('b'))
  const isBMaintained = (name: string) => name === 'b'
  await run(pool, 100, { b: 'failed' }, isBMaintained)
  expect(await deliver(pool)).toEqual([])
  await run(pool, 90, { a: 'failed' }, isBMaintained)
  expect(await deliver(pool)).toEqual(['oncall down: a fell, b fell'])
  await run(pool, 80, { b: 'passed' }, isBMaintained)
  expect(await deliver(pool)).toEqual(['oncall update: a down, b recovered'])
})

const muted = Object.assign(() => false, { isMuted: true })

test('a muted instance creates no alerts of failures; the next slot of an unmuted one alerts what is still down', async ({
  pool,
}) => {
  await monitor(pool, check('a'), check('b'), check('c'))
  await run(pool, 150, { a: 'failed', b: 'failed', c: 'passed' }, muted)
  for (const seconds of [140, 130, 120]) await run(pool, seconds, { c: 'error' }, muted)
  await run(pool, 110, { b: 'passed' })
  expect(await deliver(pool)).toEqual([])
  await run(pool, 100, { a: 'failed', c: 'error' })
  expect((await deliver(pool)).sort()).toEqual(['oncall down: a fell, b up', 'oncall unknown: c unknown'])
  await run(pool, 90, { a: 'passed' })
  expect(await deliver(pool)).toEqual(['oncall up: a recovered, b up'])
  const { rows } = await pool.query(
    `select sum(failed)::integer as failed, sum(maintenance)::integer as maintenance from reprise.rollups where period = 'day'`,
  )
  expect(rows).toEqual([{ failed: 3, maintenance: 0 }])
})

test('a muted instance leaves the alerts of others in the outbox, and writes their end', async ({ pool }) => {
  await monitor(pool, check('a'))
  await run(pool, 100, { a: 'failed' })
  await run(pool, 90, { a: 'passed' }, muted)
  expect(await deliver(pool)).toEqual(['oncall down: a fell', 'oncall up: a recovered'])
})

test('a message that was closed unsent is not continued: a channel that is added again gets a `down` first', async ({
  pool,
}) => {
  await monitor(pool, check('a'), check('b', { channels: ['desk'] }))
  await run(pool, 100, { a: 'failed' })
  await monitor(pool, check('a', { channels: [] }), check('b', { channels: ['desk'] }))
  expect(await closeRemovedChannels(pool)).toEqual([{ channel: 'oncall', messages: 1 }])
  await run(pool, 90, { b: 'failed' })
  expect(await deliver(pool)).toEqual(['desk down: a fell, b fell'])
  await monitor(pool, check('a'), check('b', { channels: ['desk'] }))
  await run(pool, 80, { a: 'failed' })
  expect(await deliver(pool)).toEqual(['oncall down: a fell, b fell'])
})

test('a channel that is removed while its message waits for a run gets all of it when it is added again', async ({
  pool,
}) => {
  await monitor(pool, check('a'), check('b'), check('c'))
  const [a, b] = await startTogether(pool, ['a', 'b', 'c'], 100)
  if (!a || !b) throw new Error('Not started.')
  await recordResult(pool, outcomeOf(a, 'failed'), noMaintenance)
  await recordResult(pool, outcomeOf(b, 'failed'), noMaintenance)
  await monitor(pool, check('a', { channels: [] }), check('b', { channels: [] }), check('c', { channels: [] }))
  expect(await closeRemovedChannels(pool)).toEqual([{ channel: 'oncall', messages: 1 }])
  await monitor(pool, check('a'), check('b'), check('c'))
  await run(pool, 80, { a: 'failed' })
  expect(await deliver(pool)).toEqual(['oncall down: a fell, b fell'])
})

test('a check that is removed or renamed leaves its incident; the last one ends it', async ({ pool }) => {
  await monitor(pool, check('a'), check('b'), check('c'))
  await run(pool, 100, { a: 'failed', b: 'failed', c: 'failed' })
  await deliver(pool)
  await monitor(pool, check('a renamed'), check('b'), check('c'))
  expect(await deliver(pool)).toEqual(['oncall update: a removed, b down, c down'])
  const down = { state: 'down' }
  expect(await readOpenIncidents(pool)).toMatchObject([
    {
      checks: [
        { name: 'b', ...down },
        { name: 'c', ...down },
      ],
    },
  ])
  const { rows } = await pool.query(`select message from reprise.outbox order by id desc limit 1`)
  expect(rows[0].message.checks[0]).toEqual({
    name: 'a',
    state: 'unknown',
    since: expect.any(String),
    reason: 'it is not monitored any more',
    news: 'removed',
  })
  await monitor(pool, check('c'))
  await monitor(pool)
  expect(await deliver(pool)).toEqual(['oncall up: a unknown, b removed, c removed'])
  expect(await readOpenIncidents(pool)).toEqual([])
})

test('a check whose environment changes leaves the incident of the old one, and begins anew in the other', async ({
  pool,
}) => {
  const [a, b] = [check('a'), check('b')]
  await monitor(pool, a, b)
  await run(pool, 100, { a: 'failed', b: 'failed' })
  await deliver(pool)
  expect(await monitor(pool, { ...a, environment: 'staging' }, b)).toEqual(['a'])
  expect(await deliver(pool)).toEqual(['oncall update: a removed, b down'])
  const { rows } = await pool.query(`select message from reprise.outbox order by id desc limit 1`)
  expect(rows[0].message).toMatchObject({ environment: 'production' })
  expect(rows[0].message.checks[0]).toMatchObject({ name: 'a', reason: 'it is monitored in staging now' })
  const checks = [
    { name: 'a', closedAt: expect.any(Date) },
    { name: 'b', closedAt: null },
  ]
  expect(await readOpenIncidents(pool)).toMatchObject([{ environment: 'production', checks }])
  expect(await readStates(pool)).toMatchObject([
    { name: 'a', environment: 'staging', state: 'unknown', since: null },
    {},
  ])
  await monitor(pool, { ...a, environment: 'staging' }, { ...b, environment: 'staging' })
  expect(await deliver(pool)).toEqual(['oncall up: a unknown, b removed'])
  expect(await readOpenIncidents(pool)).toEqual([])
  await run(pool, 80, { a: 'failed', b: 'passed' })
  expect(await deliver(pool)).toEqual(['oncall down: a fell'])
  expect(await readOpenIncidents(pool)).toMatchObject([{ environment: 'staging', checks: [{ name: 'a' }] }])
})

test('a check that is removed while its fall waits for the other results is shown with its reason', async ({
  pool,
}) => {
  await monitor(pool, check('a'), check('b'), check('c'))
  const [a, b] = await startTogether(pool, ['a', 'b', 'c'], 100)
  if (!a || !b) throw new Error('Not started.')
  await recordResult(pool, outcomeOf(a, 'failed'), noMaintenance)
  await recordResult(pool, { ...outcomeOf(b, 'failed'), reason: 'expected 200' }, noMaintenance)
  await monitor(pool, check('a'), check('c'))
  const { rows } = await pool.query<{ message: { checks: { name: string }[] } }>(
    'select message from reprise.outbox order by id',
  )
  const shown = rows.flatMap(({ message }) => message.checks.filter(({ name }) => name === 'b'))
  expect(shown).toMatchObject([{ news: 'fell', reason: 'expected 200' }, { news: 'removed' }])
})

test('a check that is removed during its replay opens no incident, and has no state when it comes back', async ({
  pool,
}) => {
  await monitor(pool, { name: 'users' })
  await replay(pool, 'users', 100, 'failed')
  const [running] = await startTogether(pool, ['users'], 90)
  await monitor(pool)
  if (running) await recordResult(pool, outcomeOf(running, 'failed'), noMaintenance)
  expect(await readOpenIncidents(pool)).toEqual([])
  await monitor(pool, { name: 'users' })
  expect(await readStates(pool)).toMatchObject([{ state: 'unknown', since: null }])
  await replay(pool, 'users', 60, 'failed')
  expect(await readOpenIncidents(pool)).toEqual([])
  await replay(pool, 'users', 50, 'failed')
  expect(await deliver(pool)).toEqual(['oncall down: users fell'])
})

test('an incident that an earlier version has left open for a removed check is closed at the next start', async ({
  pool,
}) => {
  await monitor(pool, check('users'), check('orders'))
  await run(pool, 100, { users: 'failed' })
  await deliver(pool)
  await pool.query(`update reprise.checks set active = false where name = 'users'`)
  await monitor(pool, check('orders'))
  expect(await deliver(pool)).toEqual(['oncall up: users removed'])
})

test('checks that become unknown are alerted once, with the reason, and so is their return', async ({ pool }) => {
  await monitor(pool, check('a'), check('b'), check('new'))
  await run(pool, 100, { a: 'passed', b: 'failed' })
  await deliver(pool)
  for (const seconds of [90, 80, 70, 60]) await run(pool, seconds, { a: 'error', b: 'error', new: 'error' })
  const { rows } = await pool.query(`select message from reprise.outbox where message ->> 'kind' = 'unknown'`)
  const unseen = { state: 'unknown', since: expect.any(String), reason: 'no network', news: 'unknown' }
  const sight = { kind: 'unknown', environment: 'production', at: expect.any(String) }
  expect(rows).toEqual([
    {
      message: {
        ...sight,
        checks: [
          { name: 'a', ...unseen },
          { name: 'b', ...unseen, incident: expect.any(Number) },
        ],
      },
    },
  ])
  // A check that never had a state is not alerted.
  expect(await deliver(pool)).toEqual(['oncall unknown: a unknown, b unknown'])
  expect(await readOpenIncidents(pool)).toMatchObject([{ checks: [{ name: 'b', state: 'unknown' }] }])
  await run(pool, 50, { a: 'passed', b: 'failed' })
  expect(await deliver(pool)).toEqual(['oncall known: a known, b known'])
  await run(pool, 40, { b: 'passed' })
  expect(await deliver(pool)).toEqual(['oncall up: b recovered'])
})

test('in one run, checks that become unknown are one message, and those that are known again another', async ({
  pool,
}) => {
  await monitor(pool, check('a'), check('b'), check('c'), check('d'))
  await run(pool, 200, { a: 'passed', b: 'passed', c: 'passed', d: 'passed' })
  for (const seconds of [190, 180, 170]) await run(pool, seconds, { b: 'error', d: 'error' })
  for (const seconds of [160, 150]) await run(pool, seconds, { a: 'error', c: 'error' })
  await deliver(pool)
  await run(pool, 140, { a: 'error', b: 'passed', c: 'error', d: 'passed' })
  expect(await deliver(pool)).toEqual(['oncall unknown: a unknown, c unknown', 'oncall known: b known, d known'])
})

test('for an unknown check, the message that it is down or up again is enough', async ({ pool }) => {
  await monitor(pool, check('a'), check('b'))
  await run(pool, 100, { a: 'passed', b: 'failed' })
  for (const seconds of [90, 80, 70]) await run(pool, seconds, { a: 'error', b: 'error' })
  await deliver(pool)
  await run(pool, 60, { a: 'failed', b: 'passed' })
  expect(await deliver(pool)).toEqual(['oncall update: a fell, b recovered'])
})

test('missed slots of several checks are one message as well, with the reason', async ({ pool }) => {
  await monitor(pool, check('a'), check('b'))
  await run(pool, 100, { a: 'passed', b: 'passed' })
  for (const seconds of [90, 80, 70]) {
    const missed = ['a', 'b'].map(name => ({
      check: name,
      due: ago(seconds),
      location: 'home',
      missed: 'no monitor was running',
    }))
    const { closed } = await planSlots(pool, missed)
    await judgeClosed(pool, closed, noMaintenance)
  }
  const { rows } = await pool.query(`select message #>> '{checks,0,reason}' as reason from reprise.outbox`)
  expect(rows).toEqual([{ reason: 'no monitor was running' }])
  expect(await deliver(pool)).toEqual(['oncall unknown: a unknown, b unknown'])
})

test('during maintenance an unknown state is not alerted; after it, it is', async ({ pool }) => {
  await monitor(pool, check('a'), check('b'))
  await run(pool, 100, { a: 'passed', b: 'passed' })
  const always = () => true
  for (const seconds of [90, 80, 70]) await run(pool, seconds, { a: 'error', b: 'error' }, always)
  await run(pool, 60, { a: 'passed' }, always)
  expect(await deliver(pool)).toEqual([])
  await run(pool, 50, { a: 'passed', b: 'error' })
  expect(await deliver(pool)).toEqual(['oncall unknown: b unknown'])
})

test('a check alerted as unknown that falls during maintenance is alerted after it', async ({ pool }) => {
  await monitor(pool, check('a'))
  await run(pool, 100, { a: 'passed' })
  for (const seconds of [90, 80, 70]) await run(pool, seconds, { a: 'error' })
  await run(pool, 60, { a: 'failed' }, () => true)
  expect(await deliver(pool)).toEqual(['oncall unknown: a unknown'])
  await run(pool, 50, { a: 'failed' })
  expect(await deliver(pool)).toEqual(['oncall down: a fell'])
})

test('a check alerted as unknown that is removed is alerted as removed', async ({ pool }) => {
  await monitor(pool, check('a'))
  await run(pool, 100, { a: 'passed' })
  for (const seconds of [90, 80, 70]) await run(pool, seconds, { a: 'error' })
  await deliver(pool)
  await monitor(pool)
  expect(await deliver(pool)).toEqual(['oncall known: a removed'])
})

test('messages as text', async ({ pool }) => {
  await monitor(pool, check('a'), check('b'), check('c'), check('d'))
  const titles: string[] = []
  const read = async () => {
    while (await deliverAny(pool, async ({ message }) => void titles.push(messageText(message).title)));
  }
  await run(pool, 100, { a: 'failed', b: 'failed', d: 'passed' })
  await read()
  await run(pool, 90, { a: 'passed', c: 'failed' })
  await read()
  await monitor(pool, check('a'), check('c'), check('d'))
  await read()
  for (const seconds of [80, 70, 60]) await run(pool, seconds, { d: 'error' })
  await read()
  await run(pool, 50, { c: 'passed', d: 'passed' })
  await read()
  expect(titles).toEqual([
    'Down in production: a, b',
    'Also down in production: c; up again: a; still down: b',
    'Not monitored any more in production: b; still down: c',
    'Unknown in production: d',
    'Up again in production: a, c',
    'Known again in production: d',
  ])
})

test('with results recorded concurrently with deliveries, everything is sent, and nothing deadlocks', async ({
  pool,
}) => {
  const names = Array.from({ length: 12 }, (_, index) => `check-${index}`)
  await monitor(pool, ...names.map(name => check(name, { channels: ['oncall', 'desk'] })))
  const fallen = new Map<string, string[]>()
  const recovered = new Map<string, string[]>()
  const take = onlyChecks(async ({ channel, message }) => {
    const named = (news: string) => message.checks.filter(each => each.news === news).map(({ name }) => name)
    fallen.set(channel, [...(fallen.get(channel) ?? []), ...named('fell')])
    recovered.set(channel, [...(recovered.get(channel) ?? []), ...named('recovered')])
  })
  const recordAll = async (secondsAgo: number, outcome: Outcome, meanwhile: () => Promise<unknown>) => {
    let isDone = false
    const recording = startTogether(pool, names, secondsAgo)
      .then(all => Promise.all(all.map(each => recordResult(pool, outcomeOf(each, outcome), noMaintenance))))
      .finally(() => {
        isDone = true
      })
    while (!isDone) await meanwhile()
    await recording
  }
  // As if messages were never held, so that some are sent in between.
  const deliverNow = async () => {
    await pool.query(
      `update reprise.outbox set next_attempt = clock_timestamp()
        where id in (select id from reprise.outbox where delivered_at is null and attempts = 0 for update skip locked)`,
    )
    await deliverAny(pool, take)
  }
  await recordAll(100, 'failed', deliverNow)
  while (await deliverAny(pool, take));
  await recordAll(90, 'passed', deliverNow)
  await pool.query('update reprise.outbox set next_attempt = clock_timestamp() where delivered_at is null')
  while (await deliverAny(pool, take));
  for (const channel of ['oncall', 'desk']) {
    expect(fallen.get(channel)?.sort()).toEqual([...names].sort())
    expect(recovered.get(channel)?.sort()).toEqual([...names].sort())
  }
})
