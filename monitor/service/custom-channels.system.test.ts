/** Functions of a configuration that send alerts, in a monitor that runs. */
import { expect } from '@playwright/test'
import { answers, service } from '../testing/breaking-service-fixture.ts'
import { monthsAway } from '../testing/months-away.ts'
import { test } from '../testing/service-fixture.ts'

const config = (baseURL: string, pager: string) => `
import { connect } from 'node:net'
import { custom, defineMonitor } from 'reprise/monitor'

const never = () => new Promise<never>(() => undefined)
const channels = {
  good: custom(async ({ message, idempotencyKey }, { signal }) => {
    const headers = { 'idempotency-key': idempotencyKey }
    await fetch('${pager}/good', { method: 'POST', headers, body: JSON.stringify(message), signal })
  }),
  throwing: custom((_notice, { secret }) => {
    throw new Error('401 for ' + secret('PAGER_TOKEN'))
  }),
  hanging: custom(never),
  // As without types.
  plain: custom((() => true) as never),
  floating: custom(async () => {
    void Promise.reject(new Error('a promise that is not awaited'))
    await never()
  }),
  emitting: custom(async () => {
    connect({ host: '127.0.0.1', port: 1 })
    await never()
  }),
  late: custom(async () => {
    setTimeout(() => Promise.reject(new Error('too late')), 1)
  }),
}

export default defineMonitor({
  environments: { production: { baseURL: '${baseURL}' } },
  defaults: {
    environment: 'production', retries: 0, evidence: 'requests',
    confirm: { down: 1, up: 1, every: '1s' }, channels: Object.keys(channels),
  },
  checks: { users: { specs: 'a.spec.ts', cron: '${monthsAway()}' } },
  channels,
})
`

test('functions that throw, hang, return no promise or await too little hold no channel back, and do not end the monitor', async ({
  serve,
  project,
  startMonitor,
  store,
}) => {
  const { state, listener } = service()
  state.status = 500
  const received: (string | undefined)[] = []
  const base = await serve(listener)
  const pager = await serve((request, response) => {
    received.push(request.url)
    response.writeHead(204).end()
  })
  const files = { 'a.spec.ts': answers, 'monitor.config.ts': config(base, pager) }
  const monitor = await startMonitor(await project(base, { checks: {}, files }), { PAGER_TOKEN: 'canary-4711' })
  await monitor.says(
    /Warning: The function of channel late failed after it had returned: too late\. Await what it does/,
  )
  const outcomes = async () => {
    const { rows } = await store.query<{ channel: string; outcome: string }>(
      `select channel, coalesce(last_error, case when delivered_at is null then 'waits' else 'delivered' end) as outcome
         from reprise.outbox where message ->> 'kind' = 'down'`,
    )
    return Object.fromEntries(rows.map(({ channel, outcome }) => [channel, outcome]))
  }
  await expect.poll(outcomes).toEqual({
    good: 'delivered',
    late: 'delivered',
    throwing: 'The function of channel throwing failed: 401 for [PAGER_TOKEN]',
    // Until the attempt has timed out.
    hanging: expect.stringMatching(/^waits$|in time/),
    plain: expect.stringMatching(/^The function of channel plain returned no promise, so that it is not known/),
    floating: 'The function of channel floating failed: a promise that is not awaited',
    emitting: expect.stringMatching(/^The function of channel emitting failed: connect ECONNREFUSED/),
  })
  expect(received).toEqual(['/good'])
  expect([monitor.process.exitCode, monitor.process.signalCode]).toEqual([null, null])
})
