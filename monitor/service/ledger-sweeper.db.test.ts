import { randomUUID } from 'node:crypto'
import { once } from 'node:events'
import { createServer } from 'node:http'
import { expect } from '@playwright/test'
import { openLedger, writeEntries } from '../store/ledgers.ts'
import { test } from '../testing/store-fixture.ts'
import type { CompiledConfiguration } from './compiled-configuration.ts'
import { createLedgerSweeper } from './ledger-sweeper.ts'

test('a leak is reported once, and not tried at each sweep', async ({ pool }, info) => {
  const asked: string[] = []
  const service = createServer(({ method }, response) => {
    asked.push(`${method}`)
    response.writeHead(method === 'GET' ? 200 : 403).end('{}')
  }).listen(0, '127.0.0.1')
  await once(service, 'listening')
  const baseURL = `http://127.0.0.1:${Object(service.address()).port}/`
  const holder = randomUUID()
  const ledger = { run: 'a', environment: 'production', settings: { baseURL } }
  await openLedger(pool, ledger, holder)
  const intent = {
    id: randomUUID(),
    at: new Date(Date.now() - 3_600_000).toISOString(),
    environment: 'production',
    replay: 'r',
    method: 'POST',
    url: `${baseURL}orders`,
    token: 't',
    timeoutMs: 1000,
  }
  await writeEntries(pool, 'a', holder, [
    { entry: 'intent', intent },
    { entry: 'created', id: intent.id, things: [{ remove: [{ send: `DELETE ${baseURL}orders/7` }] }] },
  ])
  await pool.query(`update reprise.ledgers set held_until = now() - interval '1 s'`)
  const complaints: string[] = []
  const sweeper = createLedgerSweeper(pool, {}, text => complaints.push(text))
  const compiled = { configuration: { file: info.outputPath('monitor.config.ts') }, environment: () => undefined }
  await sweeper.sweep(compiled as unknown as CompiledConfiguration)
  const first = asked.splice(0)
  expect(first).toContain('DELETE')
  await sweeper.sweep(compiled as unknown as CompiledConfiguration)
  expect(asked).toEqual([])
  expect(complaints).toEqual([expect.stringContaining('Possible leak in production: POST')])
  service.close()
  service.closeAllConnections()
})
