import { randomUUID } from 'node:crypto'
import { once } from 'node:events'
import { createServer, type RequestListener } from 'node:http'
import { expect } from '@playwright/test'
import type pg from 'pg'
import { openLedger, readIntents, writeEntries } from '../store/ledgers.ts'
import { test as base } from '../testing/store-fixture.ts'
import type { CompiledConfiguration } from './compiled-configuration.ts'
import { createLedgerSweeper, type LedgerSweeper } from './ledger-sweeper.ts'

interface Swept {
  sweeper: LedgerSweeper
  /** For `sweep`. */
  compiled: CompiledConfiguration
  complaints: string[]
}

const test = base.extend<{
  /** A sweeper with a thing to remove from a service with this listener. */
  sweptService: (listener: RequestListener, environment?: string) => Promise<Swept>
}>({
  sweptService: async ({ pool }, use, info) => {
    const services: ReturnType<typeof createServer>[] = []
    await use(async (listener, environment = 'production') => {
      const service = createServer(listener).listen(0, '127.0.0.1')
      services.push(service)
      await once(service, 'listening')
      await writeThing(pool, environment, `http://127.0.0.1:${Object(service.address()).port}/`)
      const complaints: string[] = []
      const compiled = { configuration: { file: info.outputPath('monitor.config.ts') }, environment: () => undefined }
      return {
        sweeper: createLedgerSweeper(pool, {}, text => complaints.push(text)),
        compiled: compiled as unknown as CompiledConfiguration,
        complaints,
      }
    })
    for (const service of services) {
      service.close()
      service.closeAllConnections()
    }
  },
})

/** In the ledger of a dead run. */
async function writeThing(pool: pg.Pool, environment: string, baseURL: string): Promise<void> {
  const holder = randomUUID()
  await openLedger(pool, { run: environment, environment, settings: { baseURL } }, holder)
  const intent = {
    id: randomUUID(),
    at: new Date(Date.now() - 3_600_000).toISOString(),
    environment,
    replay: 'r',
    method: 'POST',
    url: `${baseURL}orders`,
    token: 't',
    timeoutMs: 1000,
  }
  await writeEntries(pool, environment, holder, [
    { entry: 'intent', intent },
    { entry: 'created', id: intent.id, things: [{ remove: [{ send: `DELETE ${baseURL}orders/7` }] }] },
  ])
  await pool.query(`update reprise.ledgers set held_until = now() - interval '1 s'`)
}

const { signal: goingOn } = new AbortController()

test('a leak is reported once, and not tried at each sweep', async ({ sweptService }) => {
  const asked: string[] = []
  const { sweeper, compiled, complaints } = await sweptService(({ method }, response) => {
    asked.push(`${method}`)
    response.writeHead(method === 'GET' ? 200 : 403).end('{}')
  })
  await sweeper.sweep(compiled, goingOn)
  const first = asked.splice(0)
  expect(first).toContain('DELETE')
  await sweeper.sweep(compiled, goingOn)
  expect(asked).toEqual([])
  expect(complaints).toEqual([expect.stringContaining('Possible leak in production: POST')])
})

test('a stop interrupts the sweep of a service that hangs, and is no leak', async ({ pool, sweptService }) => {
  const stopping = new AbortController()
  const { sweeper, compiled, complaints } = await sweptService(() => stopping.abort())
  await sweeper.sweep(compiled, stopping.signal)
  expect(complaints).toEqual([])
  expect(await readIntents(pool, 'production')).toMatchObject([{ things: [{}] }])
})

test('an environment that hangs does not delay the sweep of another one', async ({ pool, sweptService }) => {
  const stopping = new AbortController()
  const { sweeper, compiled } = await sweptService(() => undefined)
  // Its run comes after that of production.
  await sweptService(({ method }, response) => {
    response.writeHead(method === 'GET' ? 404 : 204).end()
    if (method === 'DELETE') stopping.abort()
  }, 'staging')
  await sweeper.sweep(compiled, stopping.signal)
  expect(await readIntents(pool, 'production')).toHaveLength(1)
})
