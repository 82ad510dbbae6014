/** Messages about the monitor's own troubles, one by one. */
import { expect } from '@playwright/test'
import type pg from 'pg'
import { messageText } from '../alerts/message-text.ts'
import { ago, deliverAny, enterHome, monitor, outcomeOf, startTogether, test } from '../testing/store-fixture.ts'
import type { Outcome } from '../verdict/finding.ts'
import { noMaintenance } from './check-rules.ts'
import { writeInstanceTroubles } from './instance-troubles.ts'
import { leave } from './instances.ts'
import { judgeClosed } from './judgement.ts'
import { type Matter, reportMatter } from './notices.ts'
import { reportPresentMatters } from './present-matters.ts'
import { recordResult } from './replays.ts'
import { planSlots } from './slots.ts'
import { inTransaction } from './transaction.ts'
import { troubleMatters } from './trouble-matters.ts'
import { keepWatch } from './watch.ts'

const noPauses = { attemptMs: 60_000, firstPauseMs: 0, longestPauseMs: 0 }

/** Finds what is to be reported, and delivers it to the channels that accept messages; returns the new ones. */
async function told(pool: pg.Pool, refusing: readonly string[] = [], isInMaintenance = noMaintenance) {
  await reportPresentMatters(pool, troubleMatters(isInMaintenance))
  const sent: string[] = []
  const send = async ({ channel, message }: Parameters<Parameters<typeof deliverAny>[1]>[0]) => {
    if (refusing.includes(channel)) throw new Error('refused')
    const { title, lines } = messageText(message)
    sent.push([`${channel}: ${title}`, ...lines].join('\n'))
  }
  for (let left = 20; left > 0 && (await deliverAny(pool, send, noPauses)); left--);
  return sent
}

const titles = (sent: readonly string[]) => sent.map(text => text.split('\n')[0])

async function run(pool: pg.Pool, check: string, secondsAgo: number, outcome: Outcome, reason?: string) {
  await pool.query(`delete from reprise.slots where state = 'due'`)
  for (const started of await startTogether(pool, [check], secondsAgo)) {
    await recordResult(pool, { ...outcomeOf(started, outcome), ...(reason && { reason }) }, noMaintenance)
  }
}

test('a channel that accepts nothing for ten minutes is reported to the others, and when it accepts again', async ({
  pool,
}) => {
  await monitor(pool, { name: 'orders', channels: ['desk', 'oncall'] })
  await run(pool, 'orders', 200, 'failed')
  await run(pool, 'orders', 100, 'failed')
  expect(titles(await told(pool, ['desk']))).toEqual(['oncall: Down in production: orders'])
  expect(await told(pool, ['desk'])).toEqual([])
  await pool.query(
    `update reprise.outbox set created_at = created_at - interval '11 minutes', failing_since = failing_since - interval '11 minutes'`,
  )
  expect(titles(await told(pool, ['desk']))).toEqual(['oncall: Trouble of the monitor: channel desk'])
  expect(await told(pool, ['desk'])).toEqual([])
  expect(titles(await told(pool))).toEqual(['desk: Down in production: orders'])
  expect(titles(await told(pool))).toEqual(['oncall: Trouble of the monitor is over: channel desk'])
})

/** Another incident, so that the order of its messages does not depend on the others. */
async function report(pool: pg.Pool, name: 'first' | 'second') {
  const at = new Date().toISOString()
  const matter: Matter = {
    kind: 'certificate',
    severity: 'warning',
    at,
    since: at,
    checks: [name],
    name,
    text: 'it expires',
  }
  await inTransaction(pool, client => reportMatter(client, { ...matter, environment: name }))
}

const monitorTwo = (pool: pg.Pool) =>
  monitor(pool, ...['first', 'second'].map(name => ({ name, environment: name, channels: ['desk', 'oncall'] })))

const later = (pool: pg.Pool) =>
  pool.query(
    `update reprise.outbox set created_at = created_at - interval '11 minutes', failing_since = failing_since - interval '11 minutes',
            delivered_at = delivered_at - interval '11 minutes'`,
  )

test('that its messages are given up does not end the trouble of a channel; that it accepts another one does', async ({
  pool,
}) => {
  await monitorTwo(pool)
  await report(pool, 'first')
  await pool.query(`update reprise.outbox set delivered_at = clock_timestamp() where channel = 'oncall'`)
  await told(pool, ['desk'])
  await later(pool)
  expect(await told(pool, ['desk'])).toEqual([
    expect.stringMatching(/^oncall: .*: channel desk\n.*: it has not accepted messages for 10 minutes: /),
  ])
  await pool.query(
    `update reprise.outbox set dead_at = clock_timestamp() where channel = 'desk' and delivered_at is null`,
  )
  expect(await told(pool, ['desk'])).toEqual([])
  await report(pool, 'second')
  expect(titles(await told(pool))).toHaveLength(2)
  expect(await told(pool)).toEqual([
    expect.stringMatching(
      /^oncall: Trouble of the monitor is over: channel desk\n.*: it accepts messages; one message was given up \(from /,
    ),
  ])
})

test('a channel that refuses one message and accepts others is reported as that, also to itself', async ({ pool }) => {
  await monitorTwo(pool)
  await report(pool, 'first')
  await pool.query(`update reprise.outbox set delivered_at = clock_timestamp() where channel = 'oncall'`)
  await told(pool, ['desk'])
  await later(pool)
  await pool.query(
    `update reprise.outbox set next_attempt = clock_timestamp() + interval '1 minute' where channel = 'desk'`,
  )
  await report(pool, 'second')
  await pool.query(
    `update reprise.outbox set delivered_at = clock_timestamp() where message ->> 'environment' = 'second'`,
  )
  const sent = (await told(pool)).sort()
  expect(titles(sent)).toEqual(['desk', 'oncall'].map(to => `${to}: Trouble of the monitor: channel desk`))
  expect(sent[0]).toContain('it accepts messages, but has not accepted one of its messages for 10 minutes: ')
  // As an operator drops it.
  await pool.query(
    `update reprise.outbox set delivered_at = clock_timestamp(), last_error = 'dropped' where delivered_at is null`,
  )
  expect(await told(pool)).toHaveLength(2)
})

test('of channels that all fail, none waits for news of the others', async ({ pool }) => {
  await monitor(pool, { name: 'orders', channels: ['desk', 'oncall'] })
  await run(pool, 'orders', 200, 'failed')
  await run(pool, 'orders', 100, 'failed')
  await told(pool, ['desk', 'oncall'])
  await pool.query(
    `update reprise.outbox set created_at = created_at - interval '11 minutes', failing_since = failing_since - interval '11 minutes'`,
  )
  await told(pool, ['desk', 'oncall'])
  const sent = [...(await told(pool)), ...(await told(pool))]
  expect(titles(sent).sort()).toEqual(['desk: Down in production: orders', 'oncall: Down in production: orders'])
})

test('a check that loses slots to overload is reported with the reason; in maintenance it is not', async ({ pool }) => {
  await monitor(pool, { name: 'orders' })
  for (const at of [3400, 3300, 3200, 3000, 2900]) await run(pool, 'orders', at, 'passed')
  for (const at of [2800, 2600, 2400]) {
    await run(pool, 'orders', at, 'error', 'monitor overloaded: the processor was busy')
    await run(pool, 'orders', at - 100, 'passed')
  }
  expect(await told(pool, [], () => true)).toEqual([])
  const [message, ...more] = await told(pool)
  expect(more).toEqual([])
  expect(message).toMatch(
    /^oncall: Trouble of the monitor in production: slots of orders\nslots of orders: 3 of its 11 slots in the last hour had no result: monitor overloaded/,
  )
  expect(await told(pool)).toEqual([])
  // Maintenance does not end it.
  expect(await told(pool, [], () => true)).toEqual([])
  await pool.query(`update reprise.slots set outcome = 'passed' where outcome = 'error'`)
  expect(titles(await told(pool))).toEqual(['oncall: Trouble of the monitor is over in production: slots of orders'])
})

test('a check whose state becomes unknown is reported as that alone; one that has never had a result, as trouble', async ({
  pool,
}) => {
  await monitor(pool, { name: 'orders' }, { name: 'fresh' })
  await run(pool, 'orders', 3000, 'passed')
  for (const at of [2000, 1900, 1800]) {
    await run(pool, 'orders', at, 'error', 'monitor overloaded: the processor was busy')
    await run(pool, 'fresh', at, 'error', 'no browser is installed')
  }
  const sent = await told(pool)
  expect(titles(sent).sort()).toEqual([
    'oncall: Trouble of the monitor in production: state of fresh',
    'oncall: Unknown in production: orders',
  ])
  expect(sent.join('\n')).toContain('state of fresh: none of its first 3 slots had a result: no browser is installed')
  await run(pool, 'fresh', 1700, 'passed')
  expect(titles(await told(pool))).toEqual(['oncall: Trouble of the monitor is over in production: state of fresh'])
})

test('what an instance cannot do is reported once for all instances, and is over when the instance is gone', async ({
  pool,
}) => {
  await monitor(pool, { name: 'orders' })
  const what = 'Evidence cannot be moved to its store, so it waits on disk'
  const [first, second] = [await enterHome(pool), await enterHome(pool)]
  for (const instance of [first, second]) await writeInstanceTroubles(pool, instance, [{ what, forMs: 900_000 }])
  expect(titles(await told(pool))).toEqual([`oncall: Trouble of the monitor: instances: ${what}`])
  await writeInstanceTroubles(pool, first, [])
  expect(await told(pool)).toEqual([])
  await leave(pool, second)
  expect(titles(await told(pool))).toEqual([`oncall: Trouble of the monitor is over: instances: ${what}`])
})

test('a span in which no monitor was running is one message, with the slots that were missed', async ({ pool }) => {
  await monitor(pool, { name: 'orders' }, { name: 'users' })
  await Promise.all([keepWatch(pool, {}), keepWatch(pool, {})])
  expect(await told(pool)).toEqual([])
  const backToWork = async (minutes: number) => {
    await pool.query(`update reprise.watch set until = clock_timestamp() - $1 * interval '1 minute'`, [minutes])
    await Promise.all([keepWatch(pool, {}), keepWatch(pool, {})])
    return told(pool)
  }
  // Nothing was due.
  expect(await backToWork(60)).toEqual([])
  const missed = 'no monitor was running'
  const { closed } = await planSlots(
    pool,
    [1500, 1200].flatMap(at => ['orders', 'users'].map(check => ({ check, due: ago(at), location: 'home', missed }))),
  )
  await judgeClosed(pool, closed, noMaintenance)
  expect(await backToWork(2)).toEqual([])
  const [message, ...more] = await backToWork(30)
  expect(more).toEqual([])
  expect(message).toMatch(
    /^oncall: Trouble of the monitor: no monitor was running\nno monitor was running: from .* UTC to .* UTC: 4 slots of 2 checks passed without a replay$/,
  )
})

test('a lost database is reported afterwards to the channels that could not be notified meanwhile', async ({
  pool,
}) => {
  await monitor(pool, { name: 'orders', channels: ['desk', 'oncall'] })
  await keepWatch(pool, {})
  await pool.query(`update reprise.watch set until = clock_timestamp() - interval '5 minutes'`)
  await keepWatch(pool, { databaseLostTo: new Set(['desk']) })
  expect(await told(pool)).toEqual([
    expect.stringMatching(
      /^oncall: Trouble of the monitor: database\ndatabase: it could not be reached from .* UTC to .* UTC$/,
    ),
  ])
})
