/** Delivery of alerts from the outbox to receivers that fail in different ways. */
import { expect, mergeTests } from '@playwright/test'
import type pg from 'pg'
import { email, webhook } from '../index.ts'
import { noMaintenance } from '../store/check-rules.ts'
import { deliverNext, nextDeliveryInMs, type Send } from '../store/outbox.ts'
import { recordResult } from '../store/replays.ts'
import { planSlots } from '../store/slots.ts'
import { readUndeliveredMessages } from '../store/undelivered-messages.ts'
import { test as mailboxTest } from '../testing/mailbox-fixture.ts'
import { type Receiver, type Responder, test as receiverTest } from '../testing/receiver-fixture.ts'
import { ago, enterHome, monitor, outcomeOf, replay, startDue } from '../testing/store-fixture.ts'
import { defaultPolicy } from '../verdict/policy.ts'
import { senderOf } from './sender.ts'

const test = mergeTests(receiverTest, mailboxTest)

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

/** Creates the first messages of two incidents. */
async function twoIncidents(pool: pg.Pool) {
  await monitor(pool, { name: 'users' }, { name: 'orders', environment: 'staging' })
  for (const check of ['users', 'orders'])
    for (const seconds of [400, 300]) await replay(pool, check, seconds, 'failed')
}

async function deliverDue(pool: pg.Pool, send: Send, channel = 'oncall') {
  let isDue = true
  while (isDue) isDue = await deliverNext(pool, channel, send, times)
}

/** Lets time pass; negative: the clock of the database is set back. */
async function pass(pool: pg.Pool, seconds: number) {
  await pool.query(
    `update reprise.channel_pauses
        set set_at = set_at - $1 * interval '1 s', until = until - $1 * interval '1 s'`,
    [seconds],
  )
  await pool.query(`update reprise.outbox set next_attempt = next_attempt - $1 * interval '1 s'`, [seconds])
}

for (const [status, what, header, asked] of [
  [429, 'seconds', () => '1800', 1800],
  [429, 'a date', () => new Date(Date.now() + 1_800_000).toUTCString(), 1800],
  [503, 'a date', () => new Date(Date.now() + 1_800_000).toUTCString(), 1800],
  [429, 'a day, of which it gets an hour', () => '86400', 3600],
  [503, 'a number that is too large for any clock, of which it gets an hour', () => '9'.repeat(400), 3600],
] as const) {
  test(`a receiver that answers ${status} with Retry-After as ${what} gets no message to its channel until then`, async ({
    pool,
    receiver,
  }) => {
    await twoIncidents(pool)
    const limit: Responder = (_request, response) =>
      void response.writeHead(status, { 'retry-after': header() }).end('too many')
    receiver.answers = [limit]
    const send = senderOf({ oncall: webhook({ url: receiver.url }) }, {})
    await deliverDue(pool, send)
    expect(kinds(receiver)).toEqual(['down'])
    const wait = (await nextDeliveryInMs(pool, 'oncall')) ?? 0
    expect(wait).toBeGreaterThan((asked - 60) * 1000)
    expect(wait).toBeLessThanOrEqual(asked * 1000)
    await pass(pool, asked - 60)
    await deliverDue(pool, send)
    expect(kinds(receiver)).toHaveLength(1)
    await pass(pool, 60)
    await deliverDue(pool, send)
    expect(kinds(receiver)).toEqual(['down', 'down', 'down'])
    expect(new Set(keys(receiver)).size).toBe(2)
  })
}

test('a pause ends when the clock of the database is set back before its begin', async ({ pool, receiver }) => {
  await twoIncidents(pool)
  receiver.answers = [(_request, response) => void response.writeHead(429, { 'retry-after': '1800' }).end()]
  const send = senderOf({ oncall: webhook({ url: receiver.url }) }, {})
  await deliverDue(pool, send)
  await pass(pool, -7200)
  expect(await nextDeliveryInMs(pool, 'oncall')).toBe(0)
  await deliverDue(pool, send)
  expect(kinds(receiver)).toHaveLength(3)
})

test('a message that is not to be sent yet holds its stream back, and no other', async ({ pool, receiver }) => {
  await twoIncidents(pool)
  await replay(pool, 'users', 200, 'passed')
  await pool.query(
    `update reprise.outbox set not_before = now() + interval '9 hours' where incident = 1 and position = 1`,
  )
  const send = senderOf({ oncall: webhook({ url: receiver.url }) }, {})
  await deliverDue(pool, send)
  expect(receiver.received.map(({ body }) => JSON.parse(body).incident)).toEqual([2])
  const wait = (await nextDeliveryInMs(pool, 'oncall')) ?? 0
  expect(Math.round(wait / 60_000)).toBe(540)
  // Nothing is wrong with the channel.
  await pool.query(`update reprise.outbox set created_at = created_at - interval '1 hour'`)
  expect(await readUndeliveredMessages(pool)).toEqual([])
  await pool.query(`update reprise.outbox set not_before = not_before - interval '9 hours'`)
  await deliverDue(pool, send)
  expect(kinds(receiver)).toEqual(['down', 'down', 'up'])
})

test('after a restart, a mail is sent to those only who have not taken it; what is wrong with others is stored', async ({
  pool,
  mailbox,
}) => {
  await outage(pool)
  let isGrey = true
  const faults = { gone: 550, grey: 450 }
  const port = await mailbox.listen({
    onRcptTo: ({ address }, _session, done) => {
      const [name = ''] = address.split('@')
      const code = Object.entries(faults).find(([fault]) => name === fault && (name !== 'grey' || isGrey))?.[1]
      if (code === undefined) done()
      else done(Object.assign(new Error(`not ${name}`), { responseCode: code }))
    },
  })
  const to = ['gone', 'oncall', 'grey', 'desk'].map(name => `${name}@example.com`)
  const restarted = () =>
    senderOf(
      { oncall: email({ server: `smtp://127.0.0.1:${port}`, allowPlainText: true, from: 'a@example.com', to }) },
      {},
    )
  await deliverNext(pool, 'oncall', restarted(), { ...times, firstPauseMs: 0 })
  isGrey = false
  await deliverNext(pool, 'oncall', restarted(), times)
  const sentTo = mailbox.mails.map(({ to, messageId }) => [[to].flat()[0]?.text, messageId])
  expect(sentTo.map(([address]) => address).sort()).toEqual([
    'desk@example.com',
    'grey@example.com',
    'oncall@example.com',
  ])
  expect(new Set(sentTo.map(([, id]) => id)).size).toBe(1)
  const { rows } = await pool.query(
    'select remark, accepted::text, delivered_at is null as waits from reprise.outbox order by id limit 1',
  )
  expect(rows).toEqual([
    {
      remark: expect.stringMatching(/^gone@example.com was rejected: .*not gone/),
      waits: false,
      accepted: expect.not.stringContaining('@'),
    },
  ])
})

test('a receiver that answers 500 for an hour is tried every five minutes at the latest, and then gets each message once', async ({
  pool,
  receiver,
}) => {
  await outage(pool)
  const send = senderOf({ oncall: webhook({ url: receiver.url }) }, {})
  receiver.answers = Array.from({ length: 1000 }, () => answer500)
  for (let seconds = 0; seconds < 3600; ) {
    await deliverNext(pool, 'oncall', send)
    const wait = Math.ceil(((await nextDeliveryInMs(pool, 'oncall')) ?? 0) / 1000)
    expect(wait).toBeLessThanOrEqual(300)
    seconds += wait
    await pass(pool, wait)
  }
  const failed = receiver.received.length
  expect(failed).toBeGreaterThan(15)
  expect(failed).toBeLessThan(25)
  receiver.answers = []
  await deliverDue(pool, send)
  expect(kinds(receiver).slice(failed)).toEqual(['down', 'up'])
  expect(new Set(keys(receiver)).size).toBe(2)
})

test('200 checks that fall together are one message to each channel', async ({ pool, receiver, second }) => {
  const policy = { ...defaultPolicy, confirm: { down: 1, up: 1 } }
  const names = Array.from({ length: 200 }, (_, index) => `check-${String(index).padStart(3, '0')}`)
  await monitor(pool, ...names.map(name => ({ name, policy, channels: ['oncall', 'desk'] })))
  const slots = names.map(check => ({ check, due: ago(300), location: 'home' }))
  await planSlots(pool, slots)
  const started = await startDue(pool, await enterHome(pool, names.length))
  expect(started).toHaveLength(names.length)
  for (const each of started) await recordResult(pool, outcomeOf(each, 'failed'), noMaintenance)
  const send = senderOf({ oncall: webhook({ url: receiver.url }), desk: webhook({ url: second.url }) }, {})
  for (const channel of ['oncall', 'desk']) await deliverDue(pool, send, channel)
  for (const each of [receiver, second]) {
    const messages = each.received.map(({ body }) => JSON.parse(body))
    expect(messages.map(({ kind, checks }) => [kind, checks.length])).toEqual([['down', 200]])
  }
})

test('what a receiver repeats of the request is stored without its secrets', async ({ pool, receiver }) => {
  await outage(pool)
  const echo: Responder = ({ url, headers }, response) =>
    void response.writeHead(400).end(JSON.stringify({ url, headers }))
  receiver.answers = [echo]
  const oncall = webhook({ url: receiver.url, headers: { 'x-key': 'canary-4711' }, signingKey: 'signing-canary-4711' })
  await deliverNext(pool, 'oncall', senderOf({ oncall }, {}), times)
  const { rows } = await pool.query<{ row: string }>('select outbox::text as row from reprise.outbox')
  expect(rows.map(({ row }) => row).join()).toContain('answered 400')
  expect(rows.map(({ row }) => row).join()).not.toMatch(/hush|4711/)
})
