import assert from 'node:assert/strict'
import fc from 'fast-check'
import type { AttemptLog } from '../../environment/contract/attempt-log.ts'
import { forEachRow } from '../../testing/for-each-row.ts'
import { expect, test } from '../../testing/test.ts'
import type { Outcome } from '../verdict/finding.ts'
import { type Attempt, checkVerdict, exitCode, type SpecVerdict, specVerdict, specVerdicts } from './outcome.ts'

const log = (settings: Partial<AttemptLog>): AttemptLog => ({
  requests: [],
  sent: 1,
  sentBefore: 0,
  answered: 1,
  answeredBefore: 0,
  ledger: { removed: 0, unverified: 0, neverCreated: 0, unresolved: [], suspected: [], fitted: [], unfitted: [] },
  ...settings,
})
const attempt = (settings: Partial<Attempt>): Attempt => ({
  status: 'passed',
  durationMs: 5,
  isLast: true,
  expects: 1,
  log: log({}),
  ...settings,
})
const failed = (message = 'Error: expect(received).toBe(expected)') => attempt({ status: 'failed', error: { message } })
const request = (totalMs: number) => log({ requests: [{ method: 'GET', url: 'https://a.example/', totalMs }] })

const ofSpecs = [
  ['one that passes', [attempt({})], { outcome: 'passed' }],
  ['one that passes on a retry', [failed(), attempt({})], { outcome: 'flaky' }],
  [
    'one without a record of its requests',
    [{ status: 'passed', durationMs: 5, isLast: true, expects: 1 }],
    { outcome: 'error', reason: expect.stringContaining('does not import `test` from Reprise') },
  ],
  ['one that fails each time', [failed(), failed()], { outcome: 'failed' }],
  [
    'a slow request',
    [attempt({ log: request(801) })],
    { outcome: 'slow', reason: 'GET https://a.example/ took 801 ms, more than 800 ms' },
  ],
  [
    'a slow request on an overloaded machine',
    [attempt({ log: { ...request(801), overload: 'monitor overloaded: the test waited' } })],
    { outcome: 'error', reason: 'monitor overloaded: the test waited' },
  ],
  [
    'a fast request on an overloaded machine',
    [attempt({ log: { ...request(10), overload: 'monitor overloaded: the test waited' } })],
    { outcome: 'passed' },
  ],
  ['a request that is just in time', [attempt({ log: request(800) })], { outcome: 'passed' }],
  ['a slow test whose requests are fast', [attempt({ durationMs: 9000, log: request(10) })], { outcome: 'passed' }],
  ['a slow request on a retry', [failed(), attempt({ log: request(900) })], { outcome: 'flaky' }],
  [
    'an error whose place is ours',
    [{ ...failed(), ownFault: 'Error: worker process exited unexpectedly (code=null, signal=SIGKILL)' }],
    { outcome: 'error', reason: 'Error: worker process exited unexpectedly (code=null, signal=SIGKILL)' },
  ],
  ...[
    'Error: the service says "ENOSPC: no space left on device"',
    'Error: worker process exited unexpectedly',
    'Error: browserType.launch: no',
    'Error: The ledger cannot be written in it',
  ].map(message => [`an answer that is quoted: ${message}`, [failed(message)], { outcome: 'failed' }]),
  ['a worker that dies once', [{ ...failed(), ownFault: 'gone' }, attempt({})], { outcome: 'passed' }],
  [
    'one that passes when the machine is no longer overloaded',
    [{ ...failed(), ownFault: 'monitor overloaded: the test had to wait' }, attempt({})],
    { outcome: 'passed' },
  ],
  ['one that passes when the network is back', [{ ...failed(), offline: true }, attempt({})], { outcome: 'passed' }],
  ['one that fails, and is not tried well again', [failed(), { ...failed(), ownFault: 'gone' }], { outcome: 'failed' }],
  [
    'one that fails, and is not reached by the retry',
    [failed(), attempt({ status: 'skipped', log: log({ sent: 0 }) })],
    { outcome: 'failed' },
  ],
  ['one that also fails by itself', [{ ...failed(), ownFault: 'gone' }, failed(), attempt({})], { outcome: 'flaky' }],
  [
    'a failure without a network',
    [{ ...failed(), offline: true }],
    { outcome: 'error', reason: 'our own network: onlineProbe does not answer either' },
  ],
  [
    'what needs the database',
    [attempt({ status: 'skipped', log: log({ notReplayable: 'needs db' }) })],
    { notReplayable: 'needs db' },
  ],
  [
    'what its author skips',
    [attempt({ status: 'skipped', skipReason: 'not now', log: log({ sent: 0 }) })],
    { notReplayable: 'is skipped: not now' },
  ],
  [
    'what skips itself after it has sent something',
    [attempt({ status: 'skipped', skipReason: 'down' })],
    { outcome: 'unknown', reason: 'is skipped: down, after requests were sent' },
  ],
  [
    'what a hook skips after requests, for a test that is not reached',
    [{ status: 'skipped', durationMs: 0, isLast: true, expects: 0, skipReason: 'down', isSkippedAfterRequests: true }],
    { outcome: 'unknown', reason: 'is skipped: down, after requests were sent' },
  ],
  [
    'what skips itself on the retry',
    [failed(), attempt({ status: 'skipped', skipReason: 'once', log: log({ sent: 0 }) })],
    { outcome: 'failed' },
  ],
  [
    'what has failed, and follows a failure in series on the retry',
    [failed(), attempt({ status: 'skipped' })],
    { outcome: 'failed' },
  ],
  [
    'what skips itself after a fault of ours',
    [{ ...failed(), ownFault: 'gone' }, attempt({ status: 'skipped', skipReason: 'once', log: log({ sent: 0 }) })],
    { notReplayable: 'is skipped: once' },
  ],
  [
    'one that sends nothing',
    [attempt({ log: log({ sent: 0 }) })],
    { outcome: 'unknown', reason: 'no evidence: it sent nothing to the environment' },
  ],
  [
    'one whose hooks send',
    [attempt({ log: log({ sent: 0, sentBefore: 1, answered: 0, answeredBefore: 1 }) })],
    { outcome: 'passed' },
  ],
  [
    'one without a response',
    [attempt({ log: log({ answered: 0 }) })],
    {
      outcome: 'unknown',
      reason: expect.stringMatching(/^no evidence: none of its requests .* was answered.*evidence: 'requests'/),
    },
  ],
  [
    'one that expects nothing',
    [attempt({ expects: 0 })],
    { outcome: 'unknown', reason: expect.stringMatching(/^no evidence: .*evidence: 'requests'/) },
  ],
  [
    'what follows a failure in series',
    [attempt({ status: 'skipped' })],
    { outcome: 'unknown', reason: 'a test before it failed' },
  ],
  [
    'one that was interrupted',
    [attempt({ status: 'interrupted' })],
    { outcome: 'unknown', reason: 'it was interrupted' },
  ],
] as [string, Attempt[], SpecVerdict][]

test('the verdict on a spec', async () => {
  await forEachRow(
    ofSpecs,
    ([what]) => what,
    ([, attempts, verdict]) => {
      expect(specVerdict({ attempts }, { slowAboveMs: 800, evidence: 'expect' })).toEqual(verdict)
    },
  )
})

test('what skips itself after requests of its hooks is left out only if another test shows how the service is', () => {
  const judging = { evidence: 'expect' as const }
  const skipped = {
    attempts: [attempt({ status: 'skipped', skipReason: 'down', log: log({ sent: 0, sentBefore: 1 }) })],
  }
  const nothing = { attempts: [attempt({ log: log({ sent: 0 }) })] }
  const leftOut = { notReplayable: 'is skipped: down' }
  const doubtful = {
    outcome: 'unknown',
    reason: expect.stringMatching(/^is skipped: down, after requests were sent by a hook/),
  }
  expect(specVerdicts([skipped], judging)).toEqual([doubtful])
  expect(specVerdicts([skipped, nothing], judging)).toMatchObject([doubtful, { outcome: 'unknown' }])
  expect(specVerdicts([skipped, { attempts: [attempt({})] }], judging)).toEqual([leftOut, { outcome: 'passed' }])
  expect(specVerdicts([{ attempts: [failed()] }, skipped], judging)).toEqual([{ outcome: 'failed' }, leftOut])
})

const passed: SpecVerdict = { outcome: 'passed' }

for (const [what, specs, error, verdict] of [
  ['all passed', [passed, passed], undefined, { outcome: 'passed' }],
  ['one is flaky, one slow', [{ outcome: 'slow' }, { outcome: 'flaky' }], undefined, { outcome: 'flaky' }],
  [
    'one failed, another is our fault',
    [{ outcome: 'error', reason: 'browser' }, { outcome: 'failed' }],
    undefined,
    { outcome: 'failed' },
  ],
  ['all passed, but a worker did not end', [passed], 'teardown', { outcome: 'error', reason: 'teardown' }],
  [
    'one was not tried',
    [passed, { outcome: 'unknown', reason: 'the run was stopped' }],
    undefined,
    { outcome: 'unknown', reason: 'the run was stopped' },
  ],
  [
    'nothing is left to replay',
    [{ notReplayable: 'needs db' }],
    undefined,
    { outcome: 'unknown', reason: 'none of its specs can be replayed' },
  ],
  ['some are left out', [passed, { notReplayable: 'needs db' }], undefined, { outcome: 'passed' }],
  ['there are no specs', [], undefined, { outcome: 'unknown', reason: 'no specs' }],
  ['its specs cannot be loaded', [], 'SyntaxError', { outcome: 'error', reason: 'SyntaxError' }],
] as [string, SpecVerdict[], string | undefined, object][]) {
  test(`a check: ${what}`, () => {
    expect(checkVerdict({ specs, ...(error !== undefined && { error }) })).toEqual(verdict)
  })
}

const outcomes = fc.constantFrom<Outcome>('passed', 'flaky', 'slow', 'failed', 'error', 'unknown')
const verdicts = fc.oneof(
  outcomes.map((outcome): SpecVerdict => ({ outcome })),
  fc.constant<SpecVerdict>({ notReplayable: 'needs db' }),
)
const attempts = fc.array(
  fc.record(
    {
      status: fc.constantFrom<Attempt['status']>('passed', 'failed', 'skipped', 'interrupted'),
      durationMs: fc.nat(),
      isLast: fc.boolean(),
      expects: fc.nat(1),
      offline: fc.boolean(),
      log: fc.constant(log({})),
    },
    { requiredKeys: ['status', 'durationMs', 'isLast', 'expects'] },
  ),
)

test('a check passes only if something was replayed, and all of that passed', () => {
  fc.assert(
    fc.property(fc.array(verdicts), fc.option(fc.string(), { nil: undefined }), (specs, error) => {
      const { outcome } = checkVerdict({ specs, ...(error !== undefined && { error }) })
      const replayed = specs.filter(spec => 'outcome' in spec)
      const allPassed = replayed.length > 0 && replayed.every(spec => spec.outcome === 'passed')
      assert.equal(outcome === 'passed', allPassed && error === undefined)
    }),
  )
})

test('the order of specs does not matter to the outcome', () => {
  fc.assert(
    fc.property(fc.array(verdicts), specs => {
      assert.equal(checkVerdict({ specs: specs.toReversed() }).outcome, checkVerdict({ specs }).outcome)
    }),
  )
})

test('a spec whose last attempt did not pass, or whose requests were not recorded, never counts as passed, flaky or slow', () => {
  fc.assert(
    fc.property(attempts, attempts => {
      const verdict = specVerdict({ attempts }, { slowAboveMs: 1, evidence: 'requests' })
      const last = attempts.filter(({ status }) => status !== 'interrupted').at(-1)
      const isGood = 'outcome' in verdict && ['passed', 'flaky', 'slow'].includes(verdict.outcome)
      assert.equal(isGood, last?.status === 'passed' && last.log !== undefined)
    }),
  )
})

test('the exit code: 2 for any error, 1 for any failure or doubt, 3 for nothing at all, else 0', () => {
  const checks = fc.array(fc.record({ outcome: outcomes, specs: fc.array(fc.constant(0), { maxLength: 1 }) }))
  fc.assert(
    fc.property(checks, checks => {
      const code = exitCode(checks)
      const has = (...wanted: Outcome[]) => checks.some(({ outcome }) => wanted.includes(outcome))
      assert.equal(code === 2, has('error'))
      if (has('failed') && !has('error')) assert.equal(code, 1)
      if (code === 0) assert.ok(checks.length > 0 && !has('failed', 'error', 'unknown'))
      if (code === 3) assert.ok(checks.every(({ outcome, specs }) => outcome === 'unknown' && specs.length === 0))
    }),
  )
  expect(exitCode([])).toBe(3)
})

test("a spec whose requests are refused passes with evidence: 'requests', if it has sent one", () => {
  const judging = { evidence: 'requests' } as const
  const refused = attempt({ log: log({ answered: 0 }), expects: 0 })
  expect(specVerdict({ attempts: [refused] }, judging)).toEqual({ outcome: 'passed' })
  const nothing = attempt({ log: log({ sent: 0, answered: 0 }) })
  expect(specVerdict({ attempts: [nothing] }, judging)).toMatchObject({ outcome: 'unknown' })
})
