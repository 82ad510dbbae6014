/** Messages that cannot be delivered: how long they are tried, and what becomes of their streams. */
import { expect } from '@playwright/test'
import type pg from 'pg'
import { monitor, test } from '../testing/store-fixture.ts'
import { DeliveryFailure } from './delivery-failure.ts'
import { deliverNext, nextDeliveryInMs, type Send } from './outbox.ts'
import { readUndeliveredMessages } from './undelivered-messages.ts'

/** Messages of incidents, in their order: each `incident channel position`. */
async function owe(pool: pg.Pool, ...messages: string[]) {
  for (const message of messages) {
    const [incident, channel, position] = message.split(' ')
    await pool.query(
      `insert into reprise.outbox (stream, incident, channel, position, message) values ('incident ' || $1, $1::integer, $2, $3, $4)`,
      [incident, channel, position, JSON.stringify(message)],
    )
  }
}

/** Lets time pass, for what waits and for what was delivered. */
const pass = (pool: pg.Pool, span: string) =>
  pool.query(
    `update reprise.outbox set next_attempt = next_attempt - $1::interval, failing_since = failing_since - $1::interval,
            refused_since = refused_since - $1::interval, delivered_at = delivered_at - $1::interval`,
    [span],
  )

const refused = new DeliveryFailure('answered 400: no', 'answered 400', undefined, true)
const away = new DeliveryFailure('no answer: ECONNREFUSED', 'no answer')

/** Fails for these messages. */
function receiver(failures: Record<string, Error>) {
  const arrived: string[] = []
  const send: Send = async ({ message }) => {
    const failure = failures[String(message)]
    if (failure) throw failure
    arrived.push(String(message))
  }
  return { arrived, send }
}

/** Tries what is due, for as long as something is. */
async function deliverDue(pool: pg.Pool, send: Send) {
  let isDue = true
  while (isDue) isDue = await deliverNext(pool, 'oncall', send)
}

/** Tries as often as a day has room for. */
async function tryForDays(pool: pg.Pool, send: Send, days: number) {
  for (let attempt = 0; attempt < 24; attempt++) {
    await deliverDue(pool, send)
    await pass(pool, `${days} hours`)
  }
}

const states = async (pool: pg.Pool) => {
  const { rows } = await pool.query<{ state: string }>(
    `select concat(message #>> '{}', case when dead_at is not null then ' dead' when delivered_at is null then ' waits' end) as state
       from reprise.outbox order by id`,
  )
  return rows.map(({ state }) => state)
}

test('a message that is refused for good gives its stream free after a day, if the channel accepts others', async ({
  pool,
}) => {
  await monitor(pool, { name: 'users' })
  await owe(pool, '1 oncall 1', '1 oncall 2', '2 oncall 1')
  const { arrived, send } = receiver({ '1 oncall 1': refused })
  await deliverDue(pool, send)
  await tryForDays(pool, send, 0.98)
  expect(await states(pool)).toEqual(['1 oncall 1 waits', '1 oncall 2 waits', '2 oncall 1'])
  await pass(pool, '1 hour')
  await deliverDue(pool, send)
  expect(await states(pool)).toEqual(['1 oncall 1 dead', '1 oncall 2', '2 oncall 1'])
  expect(arrived).toEqual(['2 oncall 1', '1 oncall 2'])
  expect(await nextDeliveryInMs(pool, 'oncall')).toBeUndefined()
  expect(await readUndeliveredMessages(pool)).toMatchObject([
    { channel: 'oncall', messages: 1, dead: 1, failure: 'answered 400' },
  ])
})

test('a channel that refuses everything keeps all its messages for a week, in order', async ({ pool }) => {
  await owe(pool, '1 oncall 1', '1 oncall 2', '2 oncall 1')
  const failures: Record<string, Error> = { '1 oncall 1': refused, '2 oncall 1': refused, '1 oncall 2': refused }
  const { arrived, send } = receiver(failures)
  await tryForDays(pool, send, 6.9)
  expect(await states(pool)).toEqual(['1 oncall 1 waits', '1 oncall 2 waits', '2 oncall 1 waits'])
  // The settings of the channel are mended.
  for (const message of Object.keys(failures)) delete failures[message]
  await deliverDue(pool, send)
  expect(arrived.sort()).toEqual(['1 oncall 1', '1 oncall 2', '2 oncall 1'])
})

test('after a week without an answer a message is given up, and a clock that jumps gives up nothing', async ({
  pool,
}) => {
  await owe(pool, '1 oncall 1', '1 oncall 2')
  const { send } = receiver({ '1 oncall 1': away, '1 oncall 2': away })
  await deliverDue(pool, send)
  await pass(pool, '8 days')
  await deliverDue(pool, send)
  expect(await states(pool)).toEqual(['1 oncall 1 waits', '1 oncall 2 waits'])
  await tryForDays(pool, send, 0.1)
  // The second one has failed for some hours only.
  expect(await states(pool)).toEqual(['1 oncall 1 dead', '1 oncall 2 waits'])
})
