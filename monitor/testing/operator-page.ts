/** Serves the status page of a fixture as operators see it. */
import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import express from 'express'
import type pg from 'pg'
import { createStatusPage } from '../status-page/status-page.ts'
import type { ServedPage } from './status-page-fixture.ts'

/** Calls `use` with its URL. */
export async function withOperatorPage(pool: pg.Pool, served: ServedPage, use: (url: string) => Promise<void>) {
  const app = express()
  app.use((_request, response, next) => {
    response.locals.viewer = { kind: 'operator', name: 'ann' }
    next()
  })
  app.use(createStatusPage({ pool, current: () => served.inForce, onError: error => served.errors.push(error) }))
  const server = createServer(app).listen(0, '127.0.0.1')
  await once(server, 'listening')
  try {
    await use(`http://127.0.0.1:${(server.address() as AddressInfo).port}`)
  } finally {
    server.close()
    server.closeAllConnections()
  }
}
