/** `/events` reports changes of what the pages show, as server-sent events. */
import { once } from 'node:events'
import { get, type IncomingMessage } from 'node:http'
import { connect } from 'node:net'
import { expect } from '@playwright/test'
import { test } from '../testing/status-page-fixture.ts'
import { monitor, replay } from '../testing/store-fixture.ts'

const mostStreams = 500

test('a recorded replay is an event for all readers, who share one connection to the database; too many are refused', async ({
  pool,
  served,
}) => {
  await monitor(pool, { name: 'users' })
  // Those that wait behind another on the same connection end with it, too.
  await pipelined(served.url, 'GET /events HTTP/1.1\r\nHost: localhost\r\n\r\n'.repeat(16), 'retry: 2000')
  const streams = await Promise.all(Array.from({ length: mostStreams }, () => request(`${served.url}/events`)))
  expect(streams.filter(({ statusCode }) => statusCode !== 200)).toHaveLength(0)
  expect(streams[0]?.headers).toMatchObject({
    'content-type': 'text/event-stream',
    'cache-control': 'no-store, no-transform',
  })
  const refused = await request(`${served.url}/events`)
  expect([refused.statusCode, refused.headers['retry-after']]).toEqual([503, '30'])
  refused.destroy()
  const listening = await pool.query(
    `select from pg_stat_activity where application_name = 'reprise monitor: listening' and datname = current_database()`,
  )
  expect(listening.rowCount).toBe(1)

  const changed = Promise.all(streams.map(stream => until(stream, 'event: change\ndata:\n\n')))
  await replay(pool, 'users', 60, 'passed')
  await changed

  // One that leaves makes room.
  const [first] = streams
  first?.destroy()
  await expect
    .poll(async () => {
      const stream = await request(`${served.url}/events`)
      stream.destroy()
      return stream.statusCode
    })
    .toBe(200)
  for (const stream of streams) stream.destroy()
})

test('the head of the events is answered at once', async ({ served }) => {
  const requests = 'HEAD /events HTTP/1.1\r\nHost: localhost\r\n\r\nGET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n'
  expect(await pipelined(served.url, requests, '{"status":"ok"}')).toContain('Content-Type: text/event-stream')
})

/** Sends these requests over one connection, which it ends once the text has come. Returns what has come until then. */
async function pipelined(url: string, requests: string, text: string): Promise<string> {
  const { hostname, port } = new URL(url)
  const socket = connect(Number(port), hostname).setEncoding('utf8')
  socket.write(requests)
  let had = ''
  for await (const chunk of socket) {
    had += chunk
    if (had.includes(text)) break
  }
  return had
}

async function request(url: string): Promise<IncomingMessage> {
  const [response] = await once(get(url, { agent: false }), 'response')
  return response
}

/** Resolves when the stream has had this text. */
function until(stream: IncomingMessage, text: string): Promise<void> {
  return new Promise((resolve, reject) => {
    let had = ''
    stream.setEncoding('utf8').on('data', chunk => {
      had += chunk
      if (had.includes(text)) resolve()
    })
    stream.on('end', () => reject(new Error(`The stream has ended after ${JSON.stringify(had)}.`)))
    stream.on('error', () => undefined)
  })
}
