import type { AttemptDocument, RunDocument, SpecDocument } from '../monitor/replay/document.ts'
import { expect, test } from '../testing/test.ts'
import { resultText } from './monitor-results.ts'

const attempt = (outcome: AttemptDocument['outcome'], message?: string): AttemptDocument => ({
  ...{ outcome, durationMs: 31, requests: [] },
  ...(message !== undefined && { error: { message } }),
})

function textOf(outcome: SpecDocument['outcome'], ...attempts: AttemptDocument[]): string {
  const document: RunDocument = {
    ...{
      version: 1,
      exitCode: 0,
      run: 'run',
      environment: 'staging',
      startedAt: '2027-03-01T00:00:00.000Z',
      report: null,
    },
    checks: [
      {
        ...{ name: 'users', outcome, replay: 'r', durationMs: 93, notReplayable: [] },
        specs: [{ title: 'lists', file: 'e2e/a.spec.ts', line: 3, outcome, attempts }],
        ledger: { removed: 0, unverified: 0, unresolved: 0, suspected: 0 },
      },
    ],
  }
  return resultText(document, false)
}

test('a spec that passed on a retry is shown with the error of the service, not with that of the monitor', () => {
  const [own, passed] = [attempt('error', 'monitor overloaded'), attempt('passed')]
  const first = (outcome: string) => `users  ${outcome.padEnd(7)}  1 spec, 93 ms\n  ${outcome}  e2e/a.spec.ts:3 › lists`
  expect(textOf('flaky', attempt('failed', 'no users'), own, passed)).toBe(`${first('flaky')}\n      no users`)
  expect(textOf('slow', own, passed)).toBe(first('slow'))
  expect(textOf('error', own)).toBe(`${first('error')}\n      monitor overloaded`)
})
