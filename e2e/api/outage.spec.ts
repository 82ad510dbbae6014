// The sample during an outage of its database: it answers 503, keeps running, and recovers.
import { once } from 'node:events'
import { type AddressInfo, connect, createServer, type Socket } from 'node:net'
import { Client } from 'pg'
import { pino } from 'pino'
import { createApp } from '../../app/app.ts'
import { createPool } from '../../app/pool.ts'
import { serve } from '../../app/server.ts'
import { expect, test } from '../test.ts'

test('answers 503 while the database is unavailable, and recovers afterwards', async ({ request, database }) => {
  const road = await roadTo(database.url)
  const logger = pino({ level: 'silent' })
  const pool = createPool(road.url, logger)
  const server = await serve(createApp({ pool, logger }), '127.0.0.1', 0)
  const status = async (path: string) => (await request.get(server.url + path)).status()

  expect(await status('/users')).toBe(200)
  road.close()
  for (const path of ['/users', '/readyz']) expect(await status(path)).toBe(503)
  expect((await request.get(`${server.url}/users`)).headers()['retry-after']).toBe('5')
  expect(await status('/healthz')).toBe(200)
  await road.open()
  for (const path of ['/users', '/readyz']) expect(await status(path)).toBe(200)

  await server.close(0)
  await pool.end()
  road.close()
})

/** A TCP proxy for the database that can be closed, with all its connections, and opened again. */
async function roadTo(databaseUrl: string) {
  const { host, port } = new Client({ connectionString: databaseUrl })
  const target = host.startsWith('/') ? { path: `${host}/.s.PGSQL.${port}` } : { host, port }
  const travellers = new Set<Socket>()
  const gate = createServer(near => {
    const far = connect(target)
    for (const [socket, other] of [
      [near, far],
      [far, near],
    ] as const) {
      travellers.add(socket)
      socket.pipe(other)
      socket.on('error', () => other.destroy()).on('close', () => travellers.delete(socket))
    }
  })
  const open = async (at: number) => {
    gate.listen(at, '127.0.0.1')
    await once(gate, 'listening')
    return (gate.address() as AddressInfo).port
  }
  const gatePort = await open(0)
  const url = new URL(databaseUrl)
  url.searchParams.delete('host')
  url.searchParams.delete('port')
  url.host = `127.0.0.1:${gatePort}`
  return {
    url: url.href,
    open: () => open(gatePort),
    close: () => {
      gate.close()
      for (const socket of travellers) socket.destroy()
    },
  }
}
