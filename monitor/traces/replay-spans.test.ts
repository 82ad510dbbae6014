import { resourceFromAttributes } from '@opentelemetry/resources'
import { expect, test } from '../../testing/test.ts'
import type { AttemptDocument, CheckDocument, RunDocument, SpecDocument } from '../replay/document.ts'
import { spansOf } from './replay-spans.ts'

const startedAt = '2026-03-01T12:00:00.250Z'
const startMs = Date.parse(startedAt)

function runOf(...checks: CheckDocument[]): RunDocument {
  return { version: 1, exitCode: 0, run: 'n', environment: 'e', startedAt, checks, report: null }
}

function checkOf(name: string, ...specs: SpecDocument[]): CheckDocument {
  const ledger = { removed: 0, unverified: 0, unresolved: 0, suspected: 0 }
  return { name, outcome: 'passed', replay: name, durationMs: 1, specs, notReplayable: [], ledger }
}

function specOf(attempt: Partial<AttemptDocument> = {}): SpecDocument {
  const attempts: AttemptDocument[] = [
    { startedAt, outcome: 'passed', durationMs: 1, traceId: 'a'.repeat(32), requests: [], ...attempt },
  ]
  return { title: 't', file: 'a.spec.ts', line: 1, outcome: 'passed', attempts }
}

const spans = (run: RunDocument) => spansOf(run, resourceFromAttributes({}))

test('a replay may have more requests than a function may have arguments', () => {
  const request = { startedAt, method: 'GET', url: 'https://api.example.com/', status: 200, totalMs: 5 }
  const requests = Array.from({ length: 130_000 }, () => request)
  expect(() => Math.max(...requests.map(({ totalMs }) => totalMs))).toThrow(RangeError)
  const made = spans(runOf(checkOf('c', specOf({ requests }))))
  expect(made).toHaveLength(requests.length + 2)
  const root = made.find(({ parentSpanContext }) => !parentSpanContext)
  expect(root).toMatchObject({ startTime: [startMs / 1000 - 0.25, 250e6], duration: [0, 5e6] })
})

test('a spec that several checks select is one span, and that of two projects two, even if they start together', () => {
  const both = [specOf({ durationMs: 1 }), specOf({ durationMs: 2 })]
  for (const checks of [[checkOf('c', ...both)], [checkOf('c', ...both), checkOf('d', ...both)]]) {
    const attempts = spans(runOf(...checks)).filter(({ parentSpanContext }) => parentSpanContext)
    expect(attempts.map(({ duration }) => duration)).toEqual([
      [0, 1e6],
      [0, 2e6],
    ])
  }
})
