import { expect, test } from '../../testing/test.ts'
import type { AttemptDocument, RunDocument, SpecDocument } from '../replay/document.ts'
import { resultOf } from './run.ts'

const passed: AttemptDocument = { outcome: 'passed', durationMs: 30, traceId: 'passed', requests: [] }

const failed = (message: string, step?: string): AttemptDocument => ({
  ...{ outcome: 'failed', durationMs: 30, traceId: message, requests: [] },
  error: { message: `${message}\nExpected: 200`, ...(step !== undefined && { step }) },
})

const spec = (title: string, outcome: SpecDocument['outcome'], ...attempts: AttemptDocument[]): SpecDocument => ({
  ...{ title, file: 'orders.spec.ts', line: 3, outcome, attempts },
})

function result(outcome: SpecDocument['outcome'], ...specs: SpecDocument[]) {
  const ledger = { removed: 0, unverified: 0, unresolved: 0, suspected: 0 }
  const document: RunDocument = {
    ...{ version: 1, exitCode: 0, run: 'run', environment: 'production', startedAt: '2030-03-01T00:00:00Z' },
    checks: [{ name: 'orders', outcome, replay: 'id', durationMs: 60, specs, notReplayable: [], ledger }],
    report: null,
  }
  const { reason, traceId } = resultOf(document, 'orders')
  return { reason, traceId }
}

test('the reason of a check is the error of a spec that has failed, or of one that passed only on a retry', () => {
  const lists = spec('orders are listed', 'passed', passed)
  const flaky = spec('an order is taken', 'flaky', failed('no order', 'pay'), passed)
  const overloaded: AttemptDocument = { ...failed('monitor overloaded'), outcome: 'error' }
  const retried = spec('an order is taken', 'flaky', failed('no order', 'pay'), overloaded, passed)
  const fails = spec('an order is sent', 'failed', failed('not sent'), failed('not sent either'))
  expect(result('passed', lists)).toEqual({ reason: undefined, traceId: 'passed' })
  expect(result('flaky', lists, flaky)).toEqual({ reason: 'an order is taken › pay: no order', traceId: 'no order' })
  expect(result('flaky', retried)).toEqual(result('flaky', flaky))
  // What ended by an error of ours shows nothing of the service.
  const passes = spec('an order is taken', 'passed', overloaded, passed)
  expect(result('passed', passes)).toEqual({ reason: undefined, traceId: 'passed' })
  expect(result('failed', flaky, fails)).toEqual({
    reason: 'an order is sent: not sent either',
    traceId: 'not sent either',
  })
})
