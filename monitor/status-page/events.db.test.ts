/** `/events` reports changes of what the pages show, as server-sent events. */
import { once } from 'node:events'
import { get, type IncomingMessage } from 'node:http'
import { connect } from 'node:net'
import { expect } from '@playwright/test'
import { acknowledge } from '../store/acknowledgements.ts'
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

  const changed = Promise.all(streams.map(stream => textOf(stream).until('event: change\ndata: {')))
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

test('events name only checks that the viewer may see, also after the configuration has released fewer', async ({
  pool,
  served,
}) => {
  await monitor(pool, { name: 'users' }, { name: 'ledger' })
  const { configuration } = served.inForce
  const release = (...names: string[]) => {
    const statusPage = { public: names, shows: [] }
    served.inForce = { ...served.inForce, configuration: { ...configuration, statusPage } }
  }
  release('users')
  const [visitor, operator] = await Promise.all([served.url, served.operatorUrl].map(url => request(`${url}/events`)))
  if (!visitor || !operator) throw new Error('There are two.')
  const [toVisitor, toOperator] = [textOf(visitor), textOf(operator)]
  // Until what came with the first connection is over: that may be anything.
  for (let seconds = 400; !toVisitor.text().includes('{"checks":["users"],"incidents":[]}'); seconds--) {
    const next = once(visitor, 'data')
    await replay(pool, 'users', seconds, 'passed')
    await next
  }
  for (const seconds of [300, 290]) await replay(pool, 'ledger', seconds, 'failed')
  await toOperator.until('"checks":["ledger"],"incidents":[1]')
  for (const seconds of [280, 270]) await replay(pool, 'users', seconds, 'failed')
  await toVisitor.until('"checks":["users"],"incidents":[1]')
  await acknowledge(pool, 1, { operator: 'Ada' })
  await toOperator.until('"checks":["ledger","users"],"incidents":[1]')

  release('ledger')
  await replay(pool, 'ledger', 100, 'passed')
  await toVisitor.end
  expect(toVisitor.text()).not.toContain('ledger')
  expect(toVisitor.text()).toMatch(/event: change\ndata: \{\}\n\n$/)
  operator.destroy()
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

/** What the stream has had. */
function textOf(stream: IncomingMessage) {
  let had = ''
  stream.setEncoding('utf8').on('data', chunk => {
    had += chunk
  })
  stream.on('error', () => undefined)
  const end = once(stream, 'end')
  end.catch(() => undefined)
  return {
    text: () => had,
    end,
    /** Resolves when the stream has had this text. */
    until: (text: string) =>
      new Promise<void>((resolve, reject) => {
        const look = () => had.includes(text) && resolve()
        look()
        stream.on('data', look)
        stream.on('end', () => reject(new Error(`The stream has ended after ${JSON.stringify(had)}.`)))
      }),
  }
}
