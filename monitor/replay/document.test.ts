import type { LedgerSummary } from '../../environment/contract/attempt-log.ts'
import { expect, test } from '../../testing/test.ts'
import { runDocument } from './document.ts'
import type { PlannedTest } from './events.ts'
import type { Attempt } from './outcome.ts'
import type { PlannedCheck } from './plan.ts'

/** The document of a run with one test that has passed, after other attempts. */
function documentOf(suspected: LedgerSummary['suspected'], earlier: readonly Attempt[] = []) {
  const none = { removed: 0, unverified: 0, neverCreated: 0, unresolved: [], fitted: [], unfitted: [] }
  const log = { requests: [], sent: 1, sentBefore: 0, answered: 1, answeredBefore: 0, ledger: { ...none, suspected } }
  const attempts = [...earlier, { status: 'passed' as const, durationMs: 5, isLast: true, expects: 1, log }]
  const check = { check: 'login', id: 'r' } as PlannedCheck
  const planned = { title: 'logs in', file: 'login.spec.ts', line: 1 } as PlannedTest
  const swept = { removed: 0, unverified: 0, unresolved: 0, suspected: 0 }
  const judged = { evidence: 'expect' as const, replay: { check, tests: [{ planned, attempts }] }, swept }
  return runDocument({ run: '1', environment: 'production', startedAt: '' }, [judged], null, false)
}

test('a response like that to a creation has exit code 4, and a redirect that is only a remark has not', () => {
  const login = { method: 'POST', url: 'https://a.example/login', route: 'POST /login', reason: 'answered with 302' }
  expect(documentOf([login])).toMatchObject({ exitCode: 4, checks: [{ ledger: { suspected: 1 } }] })
  expect(documentOf([{ ...login, isRemark: true }])).toMatchObject({
    exitCode: 0,
    checks: [{ ledger: { suspected: 0 } }],
  })
})

test('an attempt that ended by an error of the monitor does not count for the duration of a check that passes', () => {
  const failed: Attempt = { status: 'failed', durationMs: 900, isLast: false, expects: 0 }
  const gone = { ...failed, ownFault: 'the browser has ended' }
  expect(documentOf([], [gone]).checks).toMatchObject([{ outcome: 'passed', durationMs: 5 }])
  expect(documentOf([], [failed]).checks).toMatchObject([{ outcome: 'flaky', durationMs: 905 }])
})
