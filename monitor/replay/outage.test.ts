import { once } from 'node:events'
import { createServer, get, type Server } from 'node:http'
import { setTimeout as pause } from 'node:timers/promises'
import { test as base, expect } from '../../testing/test.ts'
import { type Absence, type Outage, watchForOutage } from './outage.ts'
import type { Attempt } from './outcome.ts'

const test = base.extend<{ hanging: Server }>({
  hanging: async ({}, use) => {
    const server = createServer(() => undefined).listen(0, '127.0.0.1')
    await once(server, 'listening')
    await use(server)
    server.closeAllConnections()
    server.close()
  },
})

const urlOf = (server: Server) => `http://127.0.0.1:${Object(server.address()).port}/`
const outageOf = (server: Server, timeoutsMs = [400], origins: readonly string[] = []) =>
  watchForOutage({ urls: [urlOf(server), ...origins], timeoutsMs, wantsCertificate: false })

/** What is known of it when it is known for tests with this timeout. */
const unreachable = (outage: Outage, timeoutMs = Number.POSITIVE_INFINITY) =>
  new Promise<Absence>(resolve => {
    outage.onUnreachable(absence => absence.timeoutMs >= timeoutMs && resolve(absence))
  })

const failed: Attempt = { status: 'failed', durationMs: 400, isLast: true, expects: 0, error: { message: 'Timeout' } }
const log = { sent: 1, answered: 1, requests: [{ method: 'GET', url: '/', status: 500, totalMs: 1 }] }
const answered = { ...failed, log } as Attempt

test('one request is enough, also while another process starts beside the one whose tests hang', async ({
  hanging,
}) => {
  let questions = 0
  hanging.on('request', () => questions++)
  const outage = outageOf(hanging)
  outage.loading()
  outage.loaded()
  outage.testBegan()
  await once(hanging, 'request')
  outage.loading()
  outage.loaded()
  outage.testEnded(failed, false)
  expect((await unreachable(outage)).why).toContain('was not answered within 0.4 s')
  expect(questions).toBe(1)
})

test('once a test has got a response, the base URL is not requested any more', async ({ hanging }) => {
  const outage = outageOf(hanging)
  outage.testBegan()
  const [question] = await once(hanging, 'request')
  const closed = once(question.socket, 'close')
  outage.testEnded(answered, false)
  await closed
  outage.testEnded(failed, false)
  // It would have sent a request before this.
  const own = get({ port: Object(hanging.address()).port, path: '/own' }).on('error', () => undefined)
  const [next] = await once(hanging, 'request')
  expect(next.url).toBe('/own')
  own.destroy()
})

test('what was found before a test has got a response does not count after it', async ({ hanging }) => {
  const outage = outageOf(hanging, [1, 60_000])
  let isCertain = false
  outage.onUnreachable(() => {
    isCertain = true
  })
  outage.testBegan()
  await once(hanging, 'request')
  // Longer than the shorter timeout.
  await pause(10)
  outage.testEnded(answered, false)
  outage.testEnded(failed, false)
  expect(isCertain).toBe(false)
})

test('a response of another origin, such as that of a login, is none of the service', async ({ hanging }) => {
  const outage = outageOf(hanging)
  outage.testBegan()
  outage.testEnded({ ...answered, log: { ...answered.log, answered: 0 } } as Attempt, false)
  expect((await unreachable(outage)).why).toContain('was not answered within 0.4 s')
})

test('a failure of a test whose requests take a detour is no evidence about the base URL', async ({ hanging }) => {
  const outage = outageOf(hanging)
  let isCertain = false
  const certain = unreachable(outage).then(() => {
    isCertain = true
  })
  outage.testBegan()
  const [question] = await once(hanging, 'request')
  const closed = once(question.socket, 'close')
  outage.testEnded(failed, true)
  // The base URL has not answered.
  await closed
  expect(isCertain).toBe(false)
  outage.testEnded(failed, false)
  await certain
})

test('a service that hangs is unreachable for tests with little time before it is for others', async ({ hanging }) => {
  let questions = 0
  hanging.on('request', () => questions++)
  const outage = outageOf(hanging, [1500, 200, 90_000, 1500])
  outage.testBegan()
  await once(hanging, 'request')
  outage.testEnded(failed, false)
  const within = (seconds: number) => expect.stringContaining(`was not answered within ${seconds} s`)
  expect(await unreachable(outage, 1)).toEqual({ timeoutMs: 200, why: within(0.2) })
  expect(await unreachable(outage, 1500)).toEqual({ timeoutMs: 1500, why: within(1.5) })
  outage.close()
  expect(questions).toBe(1)
})

test('a service with several origins is unreachable when none of them responds', async ({ hanging }) => {
  const other = createServer().listen(0, '127.0.0.1')
  await once(other, 'listening')
  const origin = urlOf(other)
  try {
    const isAsked = once(other, 'request')
    const outage = outageOf(hanging, [1000], [origin])
    outage.testBegan()
    const [, response] = await isAsked
    outage.testEnded(failed, false)
    const found = unreachable(outage)
    const within = (url: string) => `GET ${url} was not answered within 1 s`
    expect((await found).why).toBe(`${within(urlOf(hanging))}, and ${within(origin)}`)
    response.destroy()

    const partly = outageOf(hanging, [60_000], [origin])
    let isCertain = false
    partly.onUnreachable(() => {
      isCertain = true
    })
    const asked = [once(hanging, 'request'), once(other, 'request')] as const
    partly.testEnded(failed, false)
    const [[question], [, answer]] = await Promise.all(asked)
    const closed = once(question.socket, 'close')
    answer.end()
    // The base URL has not answered: that decides nothing any more, and it is requested again after a further failure.
    await closed
    const again = once(hanging, 'request')
    partly.testEnded(failed, false)
    await again
    partly.close()
    expect(isCertain).toBe(false)
  } finally {
    other.closeAllConnections()
    other.close()
  }
})
