import { startTraceReceiver } from '../../testing/otlp/trace-receiver.ts'
import { expect, test } from '../../testing/test.ts'
import type { RunDocument } from '../replay/document.ts'
import { openTraceExport } from './trace-export.ts'

// The SDK reads the variables of its process.
test.afterEach(() => {
  for (const name of Object.keys(process.env)) if (name.startsWith('OTEL_')) delete process.env[name]
})

/** Of one attempt: `count` spans, with the root. */
function runWith(count: number): RunDocument {
  const startedAt = '2026-03-01T12:00:00.250Z'
  const request = {
    startedAt,
    method: 'GET',
    url: 'https://user:pw@api.example.com/a?sig=s',
    status: 200,
    totalMs: 1.5,
  }
  const requests = Array.from({ length: Math.max(0, count - 2) }, () => request)
  const attempts = [{ startedAt, outcome: 'passed' as const, durationMs: 1, requests }]
  const specs = [{ title: 't', file: 'a.spec.ts', line: 1, outcome: 'passed' as const, attempts }]
  const ledger = { removed: 0, unverified: 0, unresolved: 0, suspected: 0 }
  const check = { name: 'c', outcome: 'passed' as const, replay: 'r', durationMs: 1, specs, notReplayable: [], ledger }
  return { version: 1, exitCode: 0, run: 'n', environment: 'e', startedAt, checks: [check], report: null }
}

async function exported(run: number | RunDocument, url: string, more: Record<string, string> = {}) {
  const found = { exported: 0, dropped: 0, reasons: new Set<string>() }
  const env = { OTEL_EXPORTER_OTLP_ENDPOINT: url, OTEL_EXPORTER_OTLP_TIMEOUT: '300', ...more }
  Object.assign(process.env, env)
  const traces = await openTraceExport(env, text => found.reasons.add(text), {
    onExported: spans => {
      found.exported += spans
    },
    onDropped: (spans, { message }) => {
      found.dropped += spans
      found.reasons.add(message)
    },
  })
  traces?.take(typeof run === 'number' ? runWith(run) : run)
  await traces?.close()
  return { ...found, reasons: [...found.reasons] }
}

test('every span is either exported or counted as dropped, whatever the receiver answers', async () => {
  const good = await startTraceReceiver()
  expect(await exported(1300, good.url, { OTEL_EXPORTER_OTLP_TIMEOUT: '5000' })).toEqual({
    exported: 1300,
    dropped: 0,
    reasons: [],
  })
  expect(new Set(good.spans.map(({ spanId }) => spanId)).size).toBe(1300)
  expect(good.spans[2]).toMatchObject({
    startMs: Date.parse('2026-03-01T12:00:00.250Z'),
    endMs: Date.parse('2026-03-01T12:00:00.250Z') + 1.5,
    attributes: { 'url.full': 'https://REDACTED:REDACTED@api.example.com/a?sig=REDACTED', 'server.port': 443 },
  })
  good.close()
  for (const [status, reason] of [
    [500, '500 Internal Server Error'],
    [429, 'Export failed with retryable status'],
    [401, '401 Unauthorized'],
  ] as const) {
    const receiver = await startTraceReceiver(response => response.writeHead(status).end('a secret of the receiver'))
    expect(await exported(3, receiver.url)).toEqual({ exported: 0, dropped: 3, reasons: [reason] })
    receiver.close()
  }
  const silent = await startTraceReceiver(() => undefined)
  expect(await exported(3, silent.url)).toEqual({ exported: 0, dropped: 3, reasons: ['Request timed out'] })
  const broken = await startTraceReceiver(response => response.destroy())
  expect(await exported(3, broken.url)).toMatchObject({ exported: 0, dropped: 3 })
  const gone = await startTraceReceiver()
  gone.close()
  const refused = [expect.stringContaining('ECONNREFUSED')]
  expect(await exported(3, gone.url)).toEqual({ exported: 0, dropped: 3, reasons: refused })
  silent.close()
  broken.close()
})

test('spans that cannot be made are counted as dropped, an attempt as one', async () => {
  const run = runWith(3)
  for (const { specs } of run.checks)
    for (const { attempts } of specs) for (const one of attempts) Object.assign(one, { requests: null })
  const { exported: sent, dropped, reasons } = await exported(run, 'http://127.0.0.1:1')
  expect({ sent, dropped }).toEqual({ sent: 0, dropped: 1 })
  expect(reasons).toEqual([expect.stringContaining('null')])
})

test('a trickling response does not delay the end, and a full queue drops spans', async () => {
  const trickling = await startTraceReceiver(response => {
    const timer = setInterval(() => response.write(' '), 50)
    response.on('close', () => clearInterval(timer))
  })
  const queue = { OTEL_BSP_MAX_QUEUE_SIZE: '10' }
  expect(await exported(30, trickling.url, queue)).toEqual({
    exported: 0,
    dropped: 30,
    reasons: ['10 spans wait already', 'no answer within 5 seconds'],
  })
  trickling.close()
})

test('variables that do not fit are a complaint, without their values where these may be secret', async () => {
  for (const [env, complaint] of [
    [{ OTEL_EXPORTER_OTLP_ENDPOINT: 'user:pw@collector' }, 'OTEL_EXPORTER_OTLP_ENDPOINT is not an http or https URL'],
    [{ OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: 'collector:4317' }, 'OTEL_EXPORTER_OTLP_TRACES_ENDPOINT is not an http'],
    [
      { OTEL_EXPORTER_OTLP_PROTOCOL: 'grpc' },
      'OTEL_EXPORTER_OTLP_PROTOCOL is "grpc", but they are exported by http/protobuf',
    ],
  ] as const) {
    const { reasons } = await exported(1, 'http://127.0.0.1:1', env)
    expect(reasons).toEqual([expect.stringContaining(complaint)])
    expect(reasons.join()).not.toContain('pw')
  }
  for (const off of [
    { OTEL_SDK_DISABLED: 'true' },
    { OTEL_TRACES_EXPORTER: 'none' },
    { OTEL_EXPORTER_OTLP_ENDPOINT: '' },
  ]) {
    expect(await exported(1, 'http://127.0.0.1:1', off)).toEqual({ exported: 0, dropped: 0, reasons: [] })
  }
})
