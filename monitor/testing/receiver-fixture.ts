/** Playwright's `test` with a receiver of alerts over HTTP whose responses can be set. */
import { once } from 'node:events'
import { createServer, type IncomingHttpHeaders, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { text } from 'node:stream/consumers'
import type pg from 'pg'
import { test as base } from './store-fixture.ts'

export interface Received {
  method: string | undefined
  path: string | undefined
  headers: IncomingHttpHeaders
  body: string
}

export interface Receiver {
  /** Unique, with a secret path. */
  readonly url: string
  /** Every message that was received completely, whatever the response. */
  readonly received: Received[]
  /** Handlers of the next requests, one each; after them the response is 204. */
  answers: Responder[]
  /** Stops listening. */
  close(): Promise<void>
  /** Listens again on the same port. */
  open(): Promise<void>
}

export type Responder = (request: IncomingMessage, response: ServerResponse) => void

export const test = base.extend<{ receiver: Receiver; second: Receiver; pool: pg.Pool }>({
  receiver: ({}, use) => withReceiver(use),
  second: ({}, use) => withReceiver(use),
})

async function withReceiver(use: (receiver: Receiver) => Promise<void>): Promise<void> {
  const receiver = await startReceiver()
  await use(receiver)
  await receiver.close()
}

async function startReceiver(): Promise<Receiver> {
  const received: Received[] = []
  const receiver: Receiver = {
    url: '',
    received,
    answers: [],
    close: async () => undefined,
    open: async () => undefined,
  }
  const server = createServer(async (request, response) => {
    const { method, url: path, headers } = request
    received.push({ method, path, headers, body: await text(request) })
    const answer = receiver.answers.shift()
    if (answer) answer(request, response)
    else response.writeHead(204).end()
  })
  const listen = async (port: number) => {
    server.listen(port, '127.0.0.1')
    await once(server, 'listening')
    return (server.address() as AddressInfo).port
  }
  const port = await listen(0)
  return Object.assign(receiver, {
    url: `http://127.0.0.1:${port}/services/T0123/hush-hush-4711`,
    open: async () => void (await listen(port)),
    close: async () => {
      if (!server.listening) return
      server.close()
      server.closeAllConnections()
      await once(server, 'close')
    },
  })
}
