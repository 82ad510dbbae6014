import { fork } from 'node:child_process'
import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import path from 'node:path'
import { expect } from '@playwright/test'
import type pg from 'pg'
import { test } from '../testing/store-fixture.ts'
import { type Delivery, deliverNext, nextDeliveryInMs, type Send } from './outbox.ts'
import { openPool } from './pool.ts'

const quick = { attemptMs: 2000, firstPauseMs: 1, longestPauseMs: 4 }

/** Messages as incidents create them: each `incident channel position`. */
async function owe(pool: pg.Pool, ...messages: string[]) {
  for (const message of messages) {
    const [incident, channel, position] = message.split(' ')
    await pool.query(
      `insert into reprise.outbox (stream, incident, channel, position, message) values ('incident ' || $1, $1::integer, $2, $3, $4)`,
      [incident, channel, position, JSON.stringify(message)],
    )
  }
}

async function deliverAll(pool: pg.Pool, channel: string, send: Send) {
  while ((await nextDeliveryInMs(pool, channel)) !== undefined) await deliverNext(pool, channel, send, quick)
}

const all = ['1 oncall 1', '2 oncall 1', '1 chat 1', '1 oncall 2', '1 chat 2', '1 oncall 3']

test('with several deliverers every message arrives, those of an incident and a channel in order', async ({
  pool,
  emptyDatabase,
}) => {
  await owe(pool, ...all)
  const arrived: string[] = []
  let attempts = 0
  const send: Send = async ({ message }) => {
    if (attempts++ % 3 === 0) throw new Error('refused')
    await new Promise(setImmediate)
    arrived.push(String(message))
  }
  const pools = [1, 2, 3].map(() => openPool(emptyDatabase.url))
  await Promise.all(pools.flatMap(each => ['oncall', 'chat'].map(channel => deliverAll(each, channel, send))))
  expect([...arrived].sort()).toEqual([...all].sort())
  for (const stream of ['1 oncall', '1 chat']) {
    expect(arrived.filter(message => message.startsWith(stream)).map(message => message.at(-1))).toEqual(
      all.filter(message => message.startsWith(stream)).map(message => message.at(-1)),
    )
  }
  await Promise.all(pools.map(each => each.end()))
})

test('a refused message is retried after growing pauses with the same key, and later messages wait', async ({
  pool,
}) => {
  await owe(pool, '1 oncall 1', '1 oncall 2')
  const deliveries: Delivery[] = []
  const send: Send = async delivery => {
    deliveries.push(delivery)
    if (delivery.attempt < 5) throw new Error('answered 500')
  }
  const pauses: number[] = []
  for (let attempt = 0; attempt < 5; attempt++) {
    const times = { attemptMs: 1000, firstPauseMs: 60_000, longestPauseMs: 300_000 }
    expect(await deliverNext(pool, 'oncall', send, times)).toBe(true)
    const { rows } = await pool.query(
      `update reprise.outbox set next_attempt = now() where position = 1 and delivered_at is null
       returning (select round(extract(epoch from next_attempt - clock_timestamp()) / 60)::int from reprise.outbox where position = 1) as pause,
                 last_error`,
    )
    pauses.push(...rows.map(({ pause }) => pause))
  }
  expect(pauses).toEqual([1, 2, 4, 5])
  expect(deliveries.map(({ message, attempt }) => `${message}: ${attempt}`)).toEqual(
    [1, 2, 3, 4, 5].map(attempt => `1 oncall 1: ${attempt}`),
  )
  expect(new Set(deliveries.map(({ idempotencyKey }) => idempotencyKey)).size).toBe(1)
  await deliverNext(pool, 'oncall', send)
  expect(deliveries.at(-1)?.message).toBe('1 oncall 2')
})

test('a message whose next attempt lies an hour ahead, because the clock was set back, is sent at once', async ({
  pool,
}) => {
  await owe(pool, '1 oncall 1')
  await pool.query(`update reprise.outbox set next_attempt = now() + interval '1 hour'`)
  expect(await nextDeliveryInMs(pool, 'oncall')).toBe(0)
  expect(await deliverNext(pool, 'oncall', () => Promise.reject(new Error('refused')))).toBe(true)
  expect(await nextDeliveryInMs(pool, 'oncall')).toBeGreaterThan(0)
  expect(await deliverNext(pool, 'oncall', () => Promise.reject(new Error('not yet')))).toBe(false)
})

test('an attempt on a receiver that hangs times out', async ({ pool }) => {
  await owe(pool, '1 oncall 1', '1 chat 1')
  const arrived: string[] = []
  const send: Send = ({ channel, message }) => {
    if (channel === 'oncall') return new Promise(() => undefined)
    arrived.push(String(message))
    return Promise.resolve()
  }
  const times = { ...quick, attemptMs: 50, firstPauseMs: 60_000, longestPauseMs: 60_000 }
  await Promise.all(['oncall', 'chat'].map(channel => deliverNext(pool, channel, send, times)))
  expect(arrived).toEqual(['1 chat 1'])
  const { rows } = await pool.query('select last_error, delivered_at from reprise.outbox where channel = $1', [
    'oncall',
  ])
  expect(rows).toEqual([{ last_error: 'the receiver did not answer in time', delivered_at: null }])
})

test('when a deliverer is killed while it sends, the message is sent again with the same key', async ({
  pool,
  emptyDatabase,
}) => {
  await owe(pool, '1 oncall 1', '1 oncall 2')
  const keys: unknown[] = []
  const receiver = createServer((request, response) => {
    keys.push(request.headers['idempotency-key'])
    // The first attempt is received, and never answered.
    if (keys.length > 1) response.end()
    else child.kill('SIGKILL')
  }).listen(0, '127.0.0.1')
  await once(receiver, 'listening')
  const url = `http://127.0.0.1:${(receiver.address() as AddressInfo).port}/`
  const child = fork(path.join(import.meta.dirname, '../testing/killed-deliverer/main.ts'), [emptyDatabase.url, url], {
    execArgv: ['--import', 'tsx'],
  })
  await once(child, 'exit')
  expect(await deliverNext(pool, 'oncall', () => Promise.reject(new Error('taken too early')))).toBe(false)
  await pool.query('update reprise.outbox set next_attempt = now()')
  const arrived: unknown[] = []
  await deliverAll(pool, 'oncall', async ({ idempotencyKey, message }) => {
    arrived.push(message)
    await fetch(url, { method: 'POST', headers: { 'idempotency-key': idempotencyKey } })
  })
  expect(arrived).toEqual(['1 oncall 1', '1 oncall 2'])
  expect(keys).toHaveLength(3)
  expect(keys[1]).toBe(keys[0])
  receiver.closeAllConnections()
  receiver.close()
})
