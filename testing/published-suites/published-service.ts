/** Starts a service that published suites call. */
import { once } from 'node:events'
import type { AddressInfo } from 'node:net'
import type { Express } from 'express'

export interface PublishedService {
  readonly url: string
  close(): Promise<void>
}

/** Listens on a free port of 127.0.0.1. */
export async function listen(app: Express): Promise<PublishedService> {
  const server = app.listen(0, '127.0.0.1')
  await once(server, 'listening')
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    close: () =>
      new Promise(resolve => {
        server.close(() => resolve())
        server.closeAllConnections()
      }),
  }
}
