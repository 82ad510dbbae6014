/** What clients send and leave unread does not use up the server of the status page, before any page answers. */
import { once } from 'node:events'
import type { RequestListener, ServerResponse } from 'node:http'
import { connect, type Socket } from 'node:net'
import { test as base, expect } from '../../testing/test.ts'
import type { ServerLimits } from './limited-server.ts'
import { openPageServer, type PageServer } from './page-server.ts'

/** Long, for tests of something else than their end: on a busy machine, a client may be slow as well. */
const longLimits: ServerLimits = {
  headersMs: 60_000,
  requestMs: 60_000,
  idleMs: 60_000,
  unreadMs: 60_000,
  connections: 20,
}

/** Starts a server, and gives its port. */
type Serve = (listener?: RequestListener, shortLimits?: Partial<ServerLimits>) => Promise<number>

const test = base.extend<{ serve: Serve }>({
  serve: async ({}, use) => {
    const servers: PageServer[] = []
    await use(async (listener, shortLimits) => {
      const server = await openPageServer({ host: '127.0.0.1', port: 0 }, { ...longLimits, ...shortLimits })
      servers.push(server)
      if (listener) server.show(listener)
      return Number(new URL(server.url).port)
    })
    for (const server of servers) await server.close()
  },
})

/** A connection that sends this, and leaves it open. */
async function open(port: number, text: string): Promise<Socket> {
  const socket = connect(port, '127.0.0.1').on('error', () => undefined)
  await once(socket, 'connect')
  socket.write(text)
  return socket
}

/** All that is received until the server closes the connection. */
async function received(socket: Socket): Promise<string> {
  let text = ''
  socket.setEncoding('utf8').on('data', chunk => {
    text += chunk
  })
  await once(socket, 'close')
  return text
}

/** By default, the fifth and the following times are a second after each other. */
const often = { intervals: [20] }

const answering: RequestListener = (_request, response) => response.end('ok')

for (const [what, text, status] of [
  ['headers that do not end', 'GET / HTTP/1.1\r\nHost: a\r\nX-A: ', '408 Request Timeout'],
  ['a body that does not end', 'POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 10\r\n\r\n{', '408 Request Timeout'],
  ['no HTTP', 'hello <script>\r\n\r\n', '400 Bad Request'],
  [
    'a URL that is too long',
    `GET /?${'a'.repeat(20_000)} HTTP/1.1\r\nHost: a\r\n\r\n`,
    '431 Request Header Fields Too Large',
  ],
  [
    'headers that are too large',
    `GET / HTTP/1.1\r\nHost: a\r\nX: ${'a'.repeat(20_000)}\r\n\r\n`,
    '431 Request Header Fields Too Large',
  ],
  [
    'two lengths',
    'POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n',
    '400 Bad Request',
  ],
] as const) {
  test(`${what}: the connection is closed, with the headers of all responses`, async ({ serve }) => {
    // The body is waited for, as a route does that reads it.
    const listener: RequestListener = (request, response) =>
      request.resume().once('end', () => answering(request, response))
    const port = await serve(listener, status.startsWith('408') ? { headersMs: 100, requestMs: 200 } : {})
    const answer = await received(await open(port, text))
    expect(answer).toContain(`HTTP/1.1 ${status}\r\n`)
    expect(answer).toContain("content-security-policy: default-src 'none'")
    expect(answer).toContain('x-content-type-options: nosniff')
    expect(answer).not.toContain('script')
  })
}

test('of many requests at once on a connection, few are answered', async ({ serve }) => {
  let answered = 0
  const listener: RequestListener = (_request, response) => {
    answered++
    setTimeout(() => response.end('ok'), 2)
  }
  const port = await serve(listener, { idleMs: 100 })
  const socket = (await open(port, 'GET / HTTP/1.1\r\nHost: a\r\n\r\n'.repeat(300))).resume()
  await once(socket, 'close')
  expect(answered).toBeLessThan(50)
  const few = await open(port, 'GET / HTTP/1.1\r\nHost: a\r\n\r\n'.repeat(10))
  expect((await received(few)).match(/200 OK/g)).toHaveLength(10)
})

test('a client that reads nothing is disconnected', async ({ serve }) => {
  let connection: Socket | undefined
  const listener: RequestListener = (request, response) => {
    connection = request.socket
    response.end(Buffer.alloc(30_000_000))
  }
  const port = await serve(listener, { unreadMs: 250 })
  const socket = (await open(port, 'GET / HTTP/1.1\r\nHost: a\r\n\r\n')).pause()
  await expect.poll(() => connection?.destroyed, often).toBe(true)
  socket.destroy()
})

test('a stream of events to a client that reads nothing is ended', async ({ serve }) => {
  let response: ServerResponse | undefined
  const listener: RequestListener = (_request, stream) => {
    response = stream
    const timer = setInterval(() => stream.write(Buffer.alloc(1_000_000)), 1)
    stream.once('close', () => clearInterval(timer))
  }
  const port = await serve(listener, { unreadMs: 250 })
  const socket = (await open(port, 'GET / HTTP/1.1\r\nHost: a\r\n\r\n')).pause()
  await expect.poll(() => response?.closed, often).toBe(true)
  socket.destroy()
})

test('a slow client that reads is answered completely, and a slow response is waited for', async ({ serve }) => {
  const unreadMs = 500
  const listener: RequestListener = (_request, response) => {
    setTimeout(() => response.end(Buffer.alloc(12_000_000)), 1.5 * unreadMs)
  }
  const port = await serve(listener, { unreadMs })
  const socket = await open(port, 'GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n')
  let size = 0
  socket.on('data', chunk => {
    size += chunk.length
    socket.pause()
    setTimeout(() => socket.resume(), 3)
  })
  await once(socket, 'close')
  expect(size).toBeGreaterThan(12_000_000)
})

test('connections beyond the limit are closed, and the others work', async ({ serve }) => {
  const port = await serve(answering)
  const request = 'GET / HTTP/1.1\r\nHost: a\r\n\r\n'
  const first = await open(port, '')
  const others = await Promise.all(Array.from({ length: 40 }, () => open(port, '')))
  await Promise.race(others.map(socket => once(socket, 'close')))
  first.write(request)
  const [answer] = await once(first, 'data')
  expect(String(answer)).toContain('200 OK')
  for (const socket of [first, ...others]) socket.destroy()
})

test('while the monitor starts, its response has the headers of all others', async ({ serve }) => {
  const response = await fetch(`http://127.0.0.1:${await serve()}/`)
  expect(response.status).toBe(503)
  expect(response.headers.get('content-security-policy')).toContain("default-src 'none'")
  expect(response.headers.get('cache-control')).toBe('no-store')
})
