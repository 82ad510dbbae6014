/** Tests the response to those who read the page while others use all of its connections. */
import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { expect } from '@playwright/test'
import { openPagePool } from '../store/pool.ts'
import { test } from '../testing/status-page-fixture.ts'
import { createChangeFeed } from './change-feed.ts'
import { createStatusPage } from './status-page.ts'

test('a page that gets no connection in time asks to come back', async ({ emptyDatabase, served }) => {
  const readers = openPagePool(emptyDatabase.url, { connectionTimeoutMillis: 200 })
  const changes = createChangeFeed()
  const page = createStatusPage({ pool: readers, changes, current: () => served.inForce, onError: () => undefined })
  const server = createServer(page).listen(0, '127.0.0.1')
  await once(server, 'listening')
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  const held = await Promise.all([1, 2, 3, 4].map(() => readers.connect()))
  for (const path of ['/', '/api/checks']) {
    const { status, headers } = await fetch(`${url}${path}`)
    expect([status, headers.get('retry-after')]).toEqual([503, '5'])
  }
  for (const client of held) client.release()
  expect((await fetch(url)).status).toBe(200)
  server.closeAllConnections()
  server.close()
  changes.close()
  await readers.end()
})
