/** `/events` reports changes of what the pages show, as server-sent events. */
import { once } from 'node:events'
import { get, type IncomingMessage } from 'node:http'
import { expect } from '@playwright/test'
import { test } from '../testing/status-page-fixture.ts'
import { monitor, replay } from '../testing/store-fixture.ts'

const mostStreams = 500

test('a recorded replay is an event for all readers, who share one connection to the database; too many are refused', async ({
  pool,
  served,
}) => {
  await monitor(pool, { name: 'users' })
  const streams = await Promise.all(Array.from({ length: mostStreams }, () => request(`${served.url}/events`)))
  expect(streams[0]?.statusCode).toBe(200)
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
