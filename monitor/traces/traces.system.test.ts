import type { IncomingMessage, ServerResponse } from 'node:http'
import { expect } from '@playwright/test'
import { traceOfReplay } from '../../environment/contract/traceparent.ts'
import { type ReceivedSpan, startTraceReceiver } from '../../testing/otlp/trace-receiver.ts'
import { monthsAway } from '../testing/months-away.ts'
import { test } from '../testing/service-fixture.ts'

const secret = 'canary-4711-ZqT9'
const operator = 'operator-token-of-16'

test('each replay is a trace, whose spans are the parents of those of the service, and no receiver delays it', async ({
  serve,
  project,
  startMonitor,
  replayNow,
}) => {
  const receiver = await startTraceReceiver()
  const silent = await startTraceReceiver(() => undefined)
  const base = await serve(serviceWithTraces)
  const nested = await project(base, {
    environments: {
      production: {
        baseURL: base,
        headers: { 'x-key': '${secret:' + 'SMOKE_TOKEN}' },
        version: { header: 'x-version' },
        reads: ['POST /search'],
      },
    },
    checks: {
      orders: { specs: 'a.spec.ts', title: 'an order', retries: 1, cron: monthsAway() },
      everything: { specs: 'a.spec.ts', retries: 1, cron: monthsAway() },
    },
    files: {
      'a.spec.ts': `
        test('an order', async ({ request }) => {
          await test.step('search', async () => {
            const found = await request.post('/search', { data: {} })
            await test.step('read', async () => request.get((await found.json()).path))
          })
          expect((await fetch('${base}/none')).status).toBe(404)
        })
        test('a failure', async ({ request }) => {
          await test.step('look', async () => {
            const response = await request.get('/broken?key=' + process.env.SMOKE_TOKEN)
            expect(response.status(), await response.text()).toBe(200)
          })
        })
        test('nothing', async () => {})`,
    },
  })
  const variables = (url: string) => ({
    SMOKE_TOKEN: secret,
    OTEL_EXPORTER_OTLP_ENDPOINT: url,
    OTEL_EXPORTER_OTLP_HEADERS: 'x-tenant=blue',
    OTEL_RESOURCE_ATTRIBUTES: 'deployment.environment.name=live',
  })
  const [{ document, stderr }, late] = await Promise.all([
    nested.run(['everything'], variables(receiver.url)),
    nested.run(['everything'], { ...variables(silent.url), OTEL_SERVICE_NAME: 'silent' }),
  ])
  expect(stderr).toBe('')
  expect(late.stderr).toMatch(/^Not exported: \d+ spans of the traces of this run: .*\.\n$/)
  expect([document.exitCode, late.document.exitCode]).toEqual([1, 1])

  const { spans } = receiver
  expect(receiver.requests[0]).toMatchObject({ path: '/v1/traces', headers: { 'x-tenant': 'blue' } })
  expect(spans[0]?.resource).toMatchObject({ 'service.name': 'reprise', 'deployment.environment.name': 'live' })
  const [root, ...others] = spans.filter(({ parentSpanId }) => parentSpanId === '')
  expect(others).toEqual([])
  const replay = document.checks[0]?.replay ?? ''
  expect(root).toMatchObject({
    ...{ name: 'everything', traceId: traceOfReplay(replay) },
    attributes: {
      'reprise.check': 'everything',
      'reprise.environment': 'production',
      'reprise.run': document.run,
      'reprise.replay': replay,
      'reprise.outcome': 'failed',
      'reprise.version': '2.37.0',
    },
    status: { code: 2, message: expect.stringContaining('[SMOKE_TOKEN]') },
  })
  expect(new Set(spans.map(({ traceId }) => traceId)).size).toBe(1)
  expect(new Set(spans.map(({ spanId }) => spanId)).size).toBe(spans.length)
  const attempts = spans.filter(({ parentSpanId }) => parentSpanId === root?.spanId)
  expect(attempts.map(({ name }) => name)).toEqual(['an order', 'a failure', 'a failure', 'nothing'])
  const [order, first, retry] = attempts
  expect(order?.attributes).toMatchObject({
    'reprise.attempt': 1,
    'reprise.outcome': 'passed',
    'test.case.name': 'an order',
    'test.case.result.status': 'pass',
    'code.file.path': 'a.spec.ts',
  })
  expect(treeOf(spans, order)).toEqual({
    search: { POST: {}, read: { GET: {} } },
    GET: {},
  })
  expect(order?.status.code).toBe(0)
  expect(treeOf(spans, first)).toEqual({ look: { GET: {} } })
  expect(retry?.links).toEqual([{ traceId: first?.traceId, spanId: first?.spanId }])
  expect(retry?.status).toMatchObject({ code: 2, message: expect.stringContaining('[SMOKE_TOKEN]') })

  // A service that takes part in the traces: its spans have parents that were exported.
  const own = spans.filter(({ kind }) => kind === 3)
  expect(own.map(({ traceId, spanId }) => `00-${traceId}-${spanId}-01`).sort()).toEqual(
    traceparents.get(document.checks[0]?.replay ?? '')?.sort(),
  )
  expect(
    own.map(({ attributes, status }) => [
      attributes['http.response.status_code'],
      attributes['error.type'],
      status.code,
    ]),
  ).toEqual([
    [200, undefined, 0],
    [200, undefined, 0],
    [404, '404', 0],
    [500, '500', 2],
    [500, '500', 2],
  ])
  expect(own[0]?.attributes).toMatchObject({
    'http.request.method': 'POST',
    'url.full': `${base}/search`,
    'server.address': '127.0.0.1',
    'server.port': Number(new URL(base).port),
  })
  for (const span of spans) {
    const parent = spans.find(({ spanId, traceId }) => spanId === span.parentSpanId && traceId === span.traceId)
    expect(span.parentSpanId === '' || parent !== undefined).toBe(true)
    expect(span.startMs).toBeGreaterThanOrEqual(parent?.startMs ?? 0)
    expect(span.endMs).toBeGreaterThanOrEqual(span.startMs)
  }
  expect(receiver.bytes().includes('canary')).toBe(false)
  expect(receiver.bytes().includes(operator)).toBe(false)

  const started = spans.length
  const monitor = await startMonitor(nested, {
    ...variables(receiver.url),
    REPRISE_OPERATOR_TOKEN: operator,
    OTEL_BSP_SCHEDULE_DELAY: '100',
  })
  await receiver.until(started + 5)
  const metrics = await fetch(`${monitor.url}/metrics`, { headers: { authorization: `Bearer ${operator}` } })
  expect(await metrics.text()).toMatch(/^reprise_trace_spans_total\{outcome="exported"\} \d+$/m)
  receiver.close()
  await replayNow('orders')
  await monitor.says('Replays cannot be exported as traces, so spans are dropped: connect ECONNREFUSED')
  silent.close()
})

/** The headers `traceparent` that it has received, by `X-Reprise-Replay`. */
const traceparents = new Map<string, string[]>()

function serviceWithTraces({ url = '', headers }: IncomingMessage, response: ServerResponse): void {
  const replay = String(headers['x-reprise-replay'])
  traceparents.set(replay, [...(traceparents.get(replay) ?? []), String(headers.traceparent)])
  const status = url.startsWith('/broken') ? 500 : url === '/none' ? 404 : 200
  response.writeHead(status, { 'x-version': '2.37.0' })
  response.end(status === 500 ? `not with ${headers['x-key']}` : JSON.stringify({ path: '/orders/1' }))
}

interface Tree {
  [name: string]: Tree
}

function treeOf(spans: readonly ReceivedSpan[], root: ReceivedSpan | undefined): Tree {
  const children = spans.filter(
    ({ parentSpanId, traceId }) => parentSpanId === root?.spanId && traceId === root.traceId,
  )
  return Object.fromEntries(children.map(child => [child.name, treeOf(spans, child)]))
}
