import { once } from 'node:events'
import { createServer, type IncomingMessage } from 'node:http'
import type { AddressInfo } from 'node:net'
import { secret } from '../../environment/secrets/secret.ts'
import { expect, test } from '../../testing/test.ts'
import { startWatchdog } from './watchdog.ts'

test('the URL is requested while the instance works, and not while it does not', async () => {
  const requests: IncomingMessage[] = []
  let [status, arrived] = [200, () => undefined as unknown]
  const server = createServer((request, response) => {
    requests.push(request)
    response.writeHead(status).end()
    arrived()
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  let illness: string | undefined = 'Slots cannot be claimed'
  let lost: Error | undefined
  let onError = (_: Error) => undefined as unknown
  const nextError = () =>
    new Promise<string>(resolve => {
      onError = error => resolve(error.message)
    })
  const nextRequest = () =>
    new Promise<void>(resolve => {
      arrived = () => resolve()
    })
  const error = nextError()
  const loop = startWatchdog({
    watchdog: () => ({ url: secret('WATCHDOG'), everyMs: 20, token: secret('TOKEN') }),
    env: { WATCHDOG: `http://127.0.0.1:${port}/hush`, TOKEN: 'token-of-the-watchdog' },
    askDatabase: async () => {
      if (lost) throw lost
    },
    illness: () => illness,
    stopping: new AbortController().signal,
    afterFailureMs: 20,
    onError: error => onError(error),
    onDone: () => undefined,
  })
  try {
    expect(await error).toBe('This instance does not work: Slots cannot be claimed.')
    expect(requests).toHaveLength(0)
    illness = undefined
    await nextRequest()
    await nextRequest()
    lost = new Error('The database is away')
    expect(await nextError()).toBe('The database is away')
    lost = undefined
    expect(requests[0]).toMatchObject({
      ...{ method: 'POST', url: '/hush' },
      headers: { authorization: 'Bearer token-of-the-watchdog' },
    })
    status = 401
    expect(await nextError()).toBe('The URL of the watchdog answered 401: correct watchdog.url or watchdog.token.')
    server.close()
    server.closeAllConnections()
    const away = 'The URL of the watchdog cannot be reached: ECONNREFUSED. Correct watchdog.url, or start its receiver.'
    expect(await nextError()).toBe(away)
  } finally {
    await loop.stop()
    server.close()
  }
})

test('a stop ends a request that hangs, and reports no error', async () => {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const requested = once(server, 'request')
  const stopping = new AbortController()
  const errors: string[] = []
  const loop = startWatchdog({
    watchdog: () => ({ url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/`, everyMs: 1 }),
    env: {},
    askDatabase: async () => undefined,
    illness: () => undefined,
    stopping: stopping.signal,
    onError: error => errors.push(error.message),
    onDone: () => undefined,
  })
  await requested
  stopping.abort()
  await loop.stop()
  expect(errors).toEqual([])
  server.closeAllConnections()
  server.close()
})
