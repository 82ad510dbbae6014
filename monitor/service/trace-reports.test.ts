/** Replays whose traces a collector does not accept. */

import { startTraceReceiver } from '../../testing/otlp/trace-receiver.ts'
import { expect, test } from '../../testing/test.ts'
import type { RunDocument } from '../replay/document.ts'
import { openTraceExport } from '../traces/trace-export.ts'
import { createErrorLog } from './error-log.ts'
import { traceReports } from './trace-reports.ts'

const mostWaiting = 2000
const spansOfRun = 1000

/** Of one attempt. */
function runOf(): RunDocument {
  const startedAt = '2026-03-01T12:00:00.250Z'
  const request = { startedAt, method: 'GET', url: 'https://api.example.com/', status: 200, totalMs: 1 }
  const requests = Array.from({ length: spansOfRun - 2 }, () => request)
  const attempts = [{ startedAt, outcome: 'passed' as const, durationMs: 1, requests }]
  const specs = [{ title: 't', file: 'a.spec.ts', line: 1, outcome: 'passed' as const, attempts }]
  const ledger = { removed: 0, unverified: 0, unresolved: 0, suspected: 0 }
  const check = { name: 'c', outcome: 'passed' as const, replay: 'r', durationMs: 1, specs, notReplayable: [], ledger }
  return { version: 1, exitCode: 0, run: 'n', environment: 'e', startedAt, checks: [check], report: null }
}

// The SDK reads the variables of its process.
test.afterEach(() => {
  for (const name of Object.keys(process.env)) if (name.startsWith('OTEL_')) delete process.env[name]
})

/** Opens an export, and tells what was reported. */
async function exportTo(url: string) {
  Object.assign(process.env, {
    OTEL_EXPORTER_OTLP_ENDPOINT: url,
    OTEL_EXPORTER_OTLP_TIMEOUT: '100',
    OTEL_BSP_SCHEDULE_DELAY: '20',
    OTEL_BSP_MAX_QUEUE_SIZE: String(mostWaiting),
  })
  const written: string[] = []
  const counts = { exported: 0, dropped: 0 }
  const log = createErrorLog(text => written.push(text))
  const watched = { onError: (error: Error) => log.begin('Dropped', error), onDone: () => log.end('Dropped') }
  let hear = (): unknown => undefined
  const metrics = {
    traced: (outcome: 'exported' | 'dropped', spans: number) => {
      counts[outcome] += spans
      hear()
    },
  }
  const traces = await openTraceExport(process.env, text => written.push(text), traceReports(watched, metrics))
  if (!traces) throw new Error('Nothing is exported.')
  const until = (isThere: () => boolean) =>
    new Promise<void>(resolve => {
      hear = () => isThere() && resolve()
      hear()
    })
  return { traces, written, counts, until }
}

for (const [what, answer] of [
  ['hangs', () => undefined],
  ['answers 503', response => void response.writeHead(503).end()],
] as [string, Parameters<typeof startTraceReceiver>[0]][]) {
  test(`a collector that ${what} holds no replay back, few spans wait for it, and that is logged once`, async () => {
    const receiver = await startTraceReceiver(answer)
    const { traces, written, counts, until } = await exportTo(receiver.url)
    const runs = 20
    for (let run = 1; run <= runs; run++) {
      // Synchronous: nothing of a replay can wait for it.
      expect(traces.take(runOf())).toBeUndefined()
      const waiting = run * spansOfRun - counts.dropped - counts.exported
      // On a busy machine, a batch that has timed out may be followed by the next before its request has ended.
      expect(waiting).toBeLessThanOrEqual(2 * mostWaiting)
      if (run % 10 === 0) {
        const before = counts.dropped
        await until(() => counts.dropped > before)
      }
    }
    await traces.close()
    expect(counts).toEqual({ exported: 0, dropped: runs * spansOfRun })
    expect(written).toEqual([expect.stringMatching(/^Dropped: /)])
    receiver.close()
  })
}

test('a collector that refuses connections is logged once', async () => {
  const { traces, written, counts, until } = await exportTo('http://127.0.0.1:1')
  for (const dropped of [1, 2, 3]) {
    traces.take(runOf())
    await until(() => counts.dropped === dropped * spansOfRun)
  }
  await traces.close()
  expect(written).toEqual([expect.stringMatching(/^Dropped: .*ECONNREFUSED/)])
})

test('the first reason is logged, also if others follow, and again after it has worked', () => {
  const written: string[] = []
  const log = createErrorLog(text => written.push(text))
  const watched = { onError: (error: Error) => log.begin('Dropped', error), onDone: () => log.end('Dropped') }
  const { onDropped, onExported } = traceReports(watched, undefined)
  for (const reason of ['Request timed out', '2000 spans wait already', 'Request timed out'])
    onDropped(1, new Error(reason))
  onExported(1)
  onExported(1)
  onDropped(1, new Error('2000 spans wait already'))
  expect(written).toEqual([
    'Dropped: Request timed out',
    'Dropped: it works again.',
    'Dropped: 2000 spans wait already',
  ])
})
