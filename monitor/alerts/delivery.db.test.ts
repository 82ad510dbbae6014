/** Delivery of alerts from the outbox to receivers that fail in different ways. */
import { expect } from '@playwright/test'
import type pg from 'pg'
import { webhook } from '../index.ts'
import { deliverNext, nextDeliveryInMs, type Send } from '../store/outbox.ts'
import { type Receiver, type Responder, test } from '../testing/receiver-fixture.ts'
import { monitor, replay } from '../testing/store-fixture.ts'
import { senderOf } from './sender.ts'

const times = { attemptMs: 1000, firstPauseMs: 1, longestPauseMs: 4 }

/** Turns a check down and up again; both are alerted. */
async function outage(pool: pg.Pool) {
  await monitor(pool, { name: 'users' })
  await replay(pool, 'users', 400, 'failed')
  await replay(pool, 'users', 300, 'failed')
  await replay(pool, 'users', 200, 'passed')
}

async function deliverAll(pool: pg.Pool, send: Send) {
  while ((await nextDeliveryInMs(pool, 'oncall')) !== undefined) await deliverNext(pool, 'oncall', send, times)
}

const lastError = async (pool: pg.Pool) => {
  const { rows } = await pool.query<{ last_error: string }>('select last_error from reprise.outbox order by id limit 1')
  return rows[0]?.last_error
}

const kinds = ({ received }: Receiver) => received.map(({ body }) => JSON.parse(body).kind)
const keys = ({ received }: Receiver) => received.map(({ headers }) => headers['idempotency-key'])

const answer500: Responder = (_request, response) => void response.writeHead(500).end('out of order')
const hang: Responder = () => undefined
const breakOff: Responder = request => void request.socket.destroy()
const breakOffInBody: Responder = (_request, response) => {
  response.writeHead(500, { 'content-length': 1000 }).write('out of')
  response.socket?.end()
}

for (const [what, answers] of [
  ['answers 500 many times', Array.from({ length: 12 }, () => answer500)],
  ['hangs', [hang, hang]],
  ['reads the message and closes the connection', [breakOff, breakOff, breakOff]],
  ['closes the connection in the middle of its response', [breakOffInBody]],
] as const) {
  test(`a receiver that ${what} gets each message in the end, in order, each with one key`, async ({
    pool,
    receiver,
  }) => {
    await outage(pool)
    receiver.answers = [...answers]
    await deliverAll(pool, senderOf({ oncall: webhook({ url: receiver.url }) }, {}))
    expect(kinds(receiver)).toEqual([...answers.map(() => 'down'), 'down', 'up'])
    expect(new Set(keys(receiver).slice(0, -1)).size).toBe(1)
    expect(keys(receiver).at(-1)).not.toBe(keys(receiver)[0])
    expect(new Set(receiver.received.slice(0, -1).map(({ body }) => body)).size).toBe(1)
  })
}

test('a receiver that is unreachable gets all messages when it is back', async ({ pool, receiver }) => {
  await outage(pool)
  await receiver.close()
  const send = senderOf({ oncall: webhook({ url: receiver.url }) }, {})
  for (let attempt = 0; attempt < 3; attempt++) {
    await deliverNext(pool, 'oncall', send, times)
    await pool.query('update reprise.outbox set next_attempt = now() where delivered_at is null')
  }
  expect(await lastError(pool)).toMatch(/^Channel oncall gave no answer: connect ECONNREFUSED 127\.0\.0\.1:\d+\.$/)
  await receiver.open()
  await deliverAll(pool, send)
  expect(kinds(receiver)).toEqual(['down', 'up'])
})

test('a 2xx response counts at once, also if its body never ends', async ({ pool, receiver }) => {
  await outage(pool)
  receiver.answers = [(_request, response) => void response.writeHead(200).write('thank')]
  await deliverAll(pool, senderOf({ oncall: webhook({ url: receiver.url }) }, {}))
  expect(kinds(receiver)).toEqual(['down', 'up'])
})

test('a channel that is not configured any more is named, and its messages wait', async ({ pool }) => {
  await outage(pool)
  await deliverNext(pool, 'oncall', senderOf({}, {}), times)
  expect(await lastError(pool)).toBe('Channel oncall is not configured any more, so its messages cannot be sent.')
})
