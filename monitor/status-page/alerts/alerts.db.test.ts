/** `/alerts`: what waits, was given up or was delivered, and what operators can do about it. */
import { expect, mergeTests } from '@playwright/test'
import type pg from 'pg'
import { senderOf } from '../../alerts/sender.ts'
import { webhook } from '../../index.ts'
import { readActions } from '../../store/actions.ts'
import { deliverNext, type Send } from '../../store/outbox.ts'
import { test as receiverTest } from '../../testing/receiver-fixture.ts'
import { test as pageTest, type ServedPage } from '../../testing/status-page-fixture.ts'
import { monitor, replay } from '../../testing/store-fixture.ts'

const test = mergeTests(pageTest, receiverTest)

/** `users` has fallen and recovered: two messages, of which the first has failed. */
async function outage(pool: pg.Pool) {
  await monitor(pool, { name: 'users' })
  for (const seconds of [400, 300]) await replay(pool, 'users', seconds, 'failed')
  await replay(pool, 'users', 200, 'passed')
  await pool.query(
    `update reprise.outbox set attempts = 3, failing_since = now() - interval '1 h', last_failure = 'answered 401',
            last_error = 'Channel oncall answered 401: <b>hush</b>', next_attempt = now() + interval '4 min' where position = 1`,
  )
}

const pageOf = async (url: string, path = '/alerts') => (await fetch(url + path)).text()

const act = async ({ operatorUrl }: ServedPage, path: string, by = 'Ada') => {
  const headers = { 'content-type': 'application/json' }
  const response = await fetch(`${operatorUrl}/api/messages/${path}`, {
    method: 'POST',
    headers,
    body: JSON.stringify({ by }),
  })
  const { changed, detail } = await response.json()
  return [response.status, changed ?? detail]
}

const arrivals = () => {
  const arrived: string[] = []
  const send: Send = async ({ message, idempotencyKey }) => void arrived.push(`${message.kind} ${idempotencyKey}`)
  return { arrived, send, kinds: () => arrived.map(text => text.split(' ')[0]) }
}

async function deliverDue(pool: pg.Pool, send: Send) {
  // What operators retry holds later messages of its stream back for a second.
  await pool.query(`update reprise.outbox set next_attempt = now() where next_attempt < now() + interval '2 s'`)
  let isDue = true
  while (isDue) isDue = await deliverNext(pool, 'oncall', send)
}

test('operators see what waits and why, and visitors see nothing of it', async ({ pool, served }) => {
  await outage(pool)
  await pool.query(
    `insert into reprise.channel_pauses values ('oncall', now(), now() + interval '30 min', 'answered 429')`,
  )
  const page = await pageOf(served.operatorUrl)
  expect(page).toContain('2 messages wait.')
  expect(page).toMatch(/<strong>oncall<\/strong> is paused until .*: the receiver answered 429\./)
  expect(page).toMatch(/Down, <a href="\/incidents\/1">incident 1<\/a>.*\n.*Message 1: users in production/)
  expect(page).toMatch(/3 attempts, failing since .*for 1 h 0 min.*; last: answered 401\./)
  expect(page).toContain('Channel oncall answered 401: &lt;b&gt;hush&lt;/b&gt;')
  expect(page).toMatch(/next attempt <time/)
  expect(page).toContain('after message 1 of the same stream.')
  for (const [method, path] of [
    ['GET', '/alerts'],
    ['POST', '/api/messages/1/drop'],
    ['POST', '/actions/messages/1/retry'],
  ] as const) {
    const response = await fetch(served.url + path, { method, redirect: 'manual' })
    expect(response.status, path).toBe(403)
    expect(await response.text()).not.toMatch(/401|hush|users/)
  }
  expect(await pageOf(served.url, '/')).not.toContain('href="/alerts"')
})

test('a retry sends at once with the same key, also while its channel is paused; later messages follow', async ({
  pool,
  served,
}) => {
  await outage(pool)
  const { arrived, send, kinds } = arrivals()
  await pool.query(
    `insert into reprise.channel_pauses values ('oncall', now(), now() + interval '30 min', 'answered 429')`,
  )
  await deliverDue(pool, send)
  expect(arrived).toEqual([])
  expect(await act(served, '2/retry')).toEqual([409, 'Message 2 waits for message 1 of the same stream.'])
  expect(await act(served, '1/retry')).toEqual([200, true])
  await deliverDue(pool, send)
  expect(kinds()).toEqual(['down', 'up'])
  const { rows } = await pool.query('select idempotency_key as key from reprise.outbox order by position')
  expect(arrived.map(text => text.split(' ')[1])).toEqual(rows.map(({ key }) => key))
  expect(await act(served, '1/retry')).toEqual([409, 'Message 1 was delivered.'])
  expect(await act(served, '7/retry')).toEqual([404, 'There is no message 7.'])
  expect(await act(served, '7x/drop')).toEqual([404, 'There is no message "7x".'])
  const log = (await readActions(pool, 9)).map(({ operator, kind, subject }) => `${operator} ${kind} ${subject}`)
  expect(log).toEqual(['Ada retry 1'])
  expect(await pageOf(served.operatorUrl, '/actions')).toContain('retried <a href="/alerts">message 1</a>')
  const page = await pageOf(served.operatorUrl)
  expect(page).toContain('No message waits.')
  expect(page.indexOf('Up again, ')).toBeLessThan(page.indexOf('Down, '))
})

test('a message that was given up can be retried, as long as it would arrive in order', async ({ pool, served }) => {
  await outage(pool)
  const { send, kinds } = arrivals()
  await pool.query('update reprise.outbox set dead_at = now() where position = 1')
  expect(await pageOf(served.operatorUrl)).toContain('1 message waits, 1 was given up')
  expect(await pageOf(served.url, '/incidents/1')).toMatch(/given up<\/span> after 3 attempts, last: answered 401/)
  expect(await act(served, '1/retry')).toEqual([200, true])
  await deliverDue(pool, send)
  expect(kinds()).toEqual(['down', 'up'])
  await pool.query('update reprise.outbox set dead_at = now(), delivered_at = null where position = 1')
  expect(await act(served, '1/retry')).toEqual([
    409,
    'A later message than 1 was accepted, so this one would arrive out of order: drop it.',
  ])
  const page = await pageOf(served.operatorUrl)
  expect(page).toContain('1 message was given up.')
  expect(page).toContain('can only be dropped')
  expect(page).not.toContain('/retry"')
  expect(await act(served, '1/drop')).toEqual([200, true])
  expect(await pageOf(served.operatorUrl)).toMatch(/No message waits[\s\S]*not sent: dropped by an operator/)
})

test('each message that was given up is shown with its reason and without a secret, and a form sends it again', async ({
  pool,
  served,
  receiver,
}) => {
  await monitor(pool, { name: 'users' })
  for (const seconds of [400, 300]) await replay(pool, 'users', seconds, 'failed')
  const oncall = webhook({
    url: `${receiver.url}?key=query-canary-4711`,
    signingKey: 'signing-canary-4711',
    headers: { authorization: 'Bearer canary-4711' },
  })
  receiver.answers = [
    ({ url, headers }, response) => {
      response.writeHead(500).end(JSON.stringify({ url, headers, shown: '<script>alert(1)</script>\u202e' }))
    },
  ]
  await pool.query(`update reprise.outbox set attempts = 25, failing_since = now() - interval '8 days'`)
  await deliverNext(pool, 'oncall', senderOf({ oncall }, {}))
  const page = await pageOf(served.operatorUrl)
  expect(page).toContain('1 message was given up.')
  expect(page).toMatch(
    /26 attempts, failing since [\s\S]*last: answered 500\.[\s\S]*Channel oncall answered 500 Internal Server Error: /,
  )
  expect(page).not.toMatch(/4711|hush|<script>alert|\u202e/)
  const response = await fetch(`${served.operatorUrl}/actions/messages/1/retry`, {
    method: 'POST',
    body: new URLSearchParams({ next: '/alerts' }),
    redirect: 'manual',
  })
  expect([response.status, response.headers.get('location')]).toEqual([303, '/alerts'])
  await deliverDue(pool, senderOf({ oncall }, {}))
  expect(await pageOf(served.operatorUrl)).toContain('No message waits.')
  expect(receiver.received.map(({ headers }) => headers['idempotency-key'])).toHaveLength(2)
  expect(new Set(receiver.received.map(({ headers, body }) => `${headers['idempotency-key']} ${body}`)).size).toBe(1)
})

test('what is being sent is neither retried nor dropped, nor is anything before it', async ({ pool, served }) => {
  await outage(pool)
  const { send, kinds } = arrivals()
  await pool.query('update reprise.outbox set dead_at = now() where position = 1')
  await deliverNext(pool, 'oncall', async delivery => {
    expect(await act(served, '2/retry')).toEqual([409, 'Message 2 is being sent: try again in half a minute.'])
    expect(await act(served, '2/drop')).toEqual([409, 'Message 2 is being sent: try again in half a minute.'])
    expect(await act(served, '1/retry')).toEqual([
      409,
      'A later message than 1 is being sent: try again in half a minute.',
    ])
    expect(await pageOf(served.operatorUrl)).toContain('Is being sent.')
    await send(delivery)
  })
  expect(kinds()).toEqual(['up'])
})

test('a dropped message makes way for the next one, and its channel still hears of the end', async ({
  pool,
  served,
}) => {
  await monitor(pool, { name: 'users' })
  for (const seconds of [400, 300]) await replay(pool, 'users', seconds, 'failed')
  const { send, kinds } = arrivals()
  expect(await act(served, '1/drop')).toEqual([200, true])
  // Its fall is not reported again.
  await replay(pool, 'users', 250, 'failed')
  await deliverDue(pool, send)
  expect(kinds()).toEqual([])
  await replay(pool, 'users', 200, 'passed')
  await deliverDue(pool, send)
  expect(kinds()).toEqual(['up'])
})

test('a form returns to the page, and delivered messages are paged', async ({ pool, served }) => {
  await outage(pool)
  const response = await fetch(`${served.operatorUrl}/actions/messages/1/drop`, {
    method: 'POST',
    body: new URLSearchParams({ next: '/alerts' }),
    redirect: 'manual',
  })
  expect([response.status, response.headers.get('location')]).toEqual([303, '/alerts'])
  await pool.query(
    `insert into reprise.outbox (stream, channel, position, message, attempts, created_at, delivered_at, remark)
     select 'digest', 'desk', n, '{"kind":"digest","lines":[]}', 1, now() - interval '1 h', now() - n * interval '1 min', 'remark ' || n
       from generate_series(1, 70) n`,
  )
  const first = await pageOf(served.operatorUrl)
  const [, next = ''] = /href="(\/alerts\?before=\d+)">Older/.exec(first) ?? []
  const second = await pageOf(served.operatorUrl, next)
  const remarks = (page: string) => [...page.matchAll(/remark (\d+)/g)].map(([, n]) => Number(n))
  expect([...remarks(first), ...remarks(second)]).toEqual(Array.from({ length: 70 }, (_, index) => index + 1))
  expect(second).not.toMatch(/Older|Waiting/)
})
