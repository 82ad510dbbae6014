/** Receivers over HTTP that do not behave: what becomes of the message, and what is known of it. */
import { once } from 'node:events'
import { createServer as createTlsServer } from 'node:https'
import { createServer } from 'node:net'
import { expect } from '@playwright/test'
import { cert, key } from '../../fixtures/testing/certificate.ts'
import { type Channel, webhook } from '../index.ts'
import { portOf } from '../testing/mailbox-fixture.ts'
import { type Responder, test } from '../testing/receiver-fixture.ts'
import { NotTaken } from './not-taken.ts'
import { sendNotice } from './send-notice.ts'

const send = (channel: Channel, ms = 10_000) =>
  sendNotice(
    { name: 'oncall', channel, env: {} },
    { message: { kind: 'test', at: '2030-03-01T00:00:00+00:00' }, idempotencyKey: 'key-1' },
    AbortSignal.timeout(ms),
  )

const failureOf = async (channel: Channel, ms?: number): Promise<NotTaken> => {
  const error: unknown = await send(channel, ms).catch((error: unknown) => error)
  expect(error).toBeInstanceOf(NotTaken)
  expect(String(error)).not.toMatch(/hush|4711/)
  return error as NotTaken
}

const inAnHour = () => new Date(Date.now() + 3_600_000).toUTCString()

/** As in `Retry-After`; the wait in seconds, undefined for none. */
const waits: [value: string | (() => string), seconds: number | undefined][] = [
  ['120', 120],
  ['0', 0],
  ['1.5', 1.5],
  [' 7 ', 7],
  [inAnHour, 3600],
  [() => inAnHour().replace(/^(\w{3}), (\d\d) (\w{3}) \d\d(\d\d)/, '$1, $2-$3-$4'), 3600],
  ['Thu, 01 Jan 1970 00:00:00 GMT', 0],
  ['99999999999999999999', 1e20],
  ['9'.repeat(400), Number.POSITIVE_INFINITY],
  ['-5', undefined],
  ['1e9', undefined],
  ['0x10', undefined],
  ['soon', undefined],
  ['10, 20', undefined],
  ['', undefined],
]

test('503 with Retry-After asks for a pause, whatever the value; it is no refusal for good', async ({ receiver }) => {
  const channel = webhook({ url: receiver.url })
  for (const [value, seconds] of waits) {
    const header = typeof value === 'string' ? value : value()
    receiver.answers = [(_request, response) => void response.writeHead(503, { 'retry-after': header }).end('later')]
    const { retryAfterMs, isPermanent, message } = await failureOf(channel)
    expect(message).toBe('Channel oncall answered 503 Service Unavailable: later')
    expect(isPermanent).toBe(false)
    if (seconds === undefined || seconds === Number.POSITIVE_INFINITY) {
      expect(retryAfterMs, header).toBe(seconds)
    } else {
      // A date has no fractions of seconds.
      expect(Math.abs((retryAfterMs ?? Number.NaN) - seconds * 1000), header).toBeLessThan(seconds > 1e6 ? 1e6 : 5000)
    }
  }
})

test('no redirect is followed, so that another host gets neither the message nor a secret header', async ({
  receiver,
  second,
}) => {
  const headers = { authorization: 'Bearer canary-4711', 'x-key': 'canary-4711' }
  const channel = webhook({ url: receiver.url, headers, signingKey: 'signing-canary-4711' })
  for (const status of [301, 302, 303, 307, 308]) {
    const elsewhere = second.url.replace('127.0.0.1', 'localhost')
    receiver.answers = [(_request, response) => void response.writeHead(status, { location: elsewhere }).end('moved')]
    const { message, isPermanent } = await failureOf(channel)
    expect(message).toMatch(/^Channel oncall answered \d+ [\w ]+, a redirect, which is not followed: configure the URL/)
    expect(isPermanent).toBe(true)
  }
  expect([receiver.received.length, second.received]).toEqual([5, []])
})

/** Writes without end; resolves when the client has closed the connection. */
function endless(status: number): { respond: Responder; closed: Promise<unknown>; written(): number } {
  let [bytes, end] = [0, (): void => undefined]
  const closed = new Promise<void>(resolve => {
    end = resolve
  })
  const chunk = Buffer.alloc(65_536, 'x')
  return {
    closed,
    written: () => bytes,
    respond: (_request, response) => {
      response.on('close', end).writeHead(status)
      const write = () => {
        bytes += chunk.length
        if (response.write(chunk)) setImmediate(write)
      }
      response.on('drain', write)
      write()
    },
  }
}

test('of an endless body only the beginning is read, and the status counts', async ({ receiver }) => {
  const channel = webhook({ url: receiver.url })
  for (const status of [200, 500]) {
    const { respond, closed, written } = endless(status)
    receiver.answers = [respond]
    const sending = status === 200 ? send(channel) : failureOf(channel)
    expect(await sending).toMatchObject(
      status === 200
        ? { answer: '200 OK', text: expect.stringMatching(/^x{199}…$/) }
        : { message: expect.stringMatching(/^Channel oncall answered 500 Internal Server Error: x{199}…$/) },
    )
    await closed
    expect(written()).toBeLessThan(50e6)
  }
})

test('a receiver that hangs after the headers has accepted the message or refused it, by its status', async ({
  receiver,
}) => {
  const channel = webhook({ url: receiver.url })
  const onlyHeaders =
    (status: number): Responder =>
    (_request, response) =>
      response.writeHead(status).flushHeaders()
  receiver.answers = [onlyHeaders(202), onlyHeaders(500)]
  expect(await send(channel)).toEqual({ answer: '202 Accepted', text: '' })
  expect(await failureOf(channel)).toMatchObject({ summary: 'answered 500' })
})

test('headers that do not end are no answer', async () => {
  const server = createServer(socket => {
    socket.on('error', () => undefined).write('HTTP/1.1 200 OK\r\n')
    const line = `x-more: ${'x'.repeat(1000)}\r\n`
    const write = () => void (socket.writable && socket.write(line, () => setImmediate(write)))
    write()
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { summary, message } = await failureOf(webhook({ url: `http://127.0.0.1:${portOf(server)}/hush` }))
  expect([summary, message]).toEqual([
    'no answer',
    expect.stringMatching(/^Channel oncall gave no answer: Headers Overflow/i),
  ])
  server.close()
})

test('an answer that is no HTTP is no answer', async () => {
  const server = createServer(socket => void socket.on('error', () => undefined).end('220 smtp.example.com ESMTP\r\n'))
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { summary, message } = await failureOf(webhook({ url: `http://127.0.0.1:${portOf(server)}/hush` }))
  expect([summary, message]).toEqual(['no answer', expect.stringMatching(/^Channel oncall gave no answer: \S/)])
  server.close()
})

test('a name that does not exist, and a certificate that is not trusted, are named', async () => {
  // Longer than a name may be, so that no server is asked.
  const { message } = await failureOf(webhook({ url: `https://${'x'.repeat(64)}.example.com/hush-4711` }))
  expect(message).toMatch(/^Channel oncall gave no answer: getaddrinfo \w+ x{64}\.example\.com\.$/)
  const server = createTlsServer({ cert, key }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  const untrusted = await failureOf(webhook({ url: `https://127.0.0.1:${portOf(server)}/hush-4711` }))
  // Newer versions of Node add a remedy.
  expect(untrusted.message).toMatch(/^Channel oncall gave no answer: self-signed certificate\b/)
  server.close()
})
