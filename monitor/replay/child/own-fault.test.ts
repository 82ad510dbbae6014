import type { TestResult, TestStep } from '@playwright/test/reporter'
import type { AttemptLog } from '../../../environment/contract/attempt-log.ts'
import { expect, test } from '../../../testing/test.ts'
import { ownFaultOf } from './own-fault.ts'

const underWay = { duration: -1 }
const step = (category: string, title: string, more: Partial<TestStep> = {}) =>
  ({ category, title, steps: [], duration: 1, ...more }) as unknown as TestStep
const before = (...steps: TestStep[]) => step('hook', 'Before Hooks', { ...underWay, steps })
const timedOut = (...steps: TestStep[]) =>
  ({
    status: 'timedOut',
    errors: [{ message: '\u001b[31mTest timeout of 1 ms exceeded.\u001b[39m' }],
    steps,
  }) as unknown as TestResult
const log = (sent: number, sentBefore = 0) => ({ sent, sentBefore }) as AttemptLog

test('a test that times out is no fault of the service if nothing was sent, with what was under way', () => {
  const fixture = before(step('fixture', 'Fixture "thing"', underWay))
  expect(ownFaultOf(timedOut(fixture), log(0))).toBe(
    'Test timeout of 1 ms exceeded. Nothing had been sent to the environment; under way: Before Hooks › Fixture "thing"',
  )
  expect(ownFaultOf(timedOut(), log(0))).toContain('under way: the test itself')
  expect(ownFaultOf(timedOut(fixture), log(1))).toBeUndefined()
})

test('what hooks have sent counts once the test waits for it, and not while it is set up', () => {
  const call = step('pw:api', 'Click', underWay)
  for (const [steps, isOwn] of [
    [[before(step('fixture', 'Fixture "thing"', underWay))], true],
    [[before(step('hook', 'beforeEach hook', { ...underWay, steps: [call] }))], false],
    [
      [before(step('hook', 'beforeEach hook', { ...underWay, steps: [step('expect', 'toBeVisible', underWay)] }))],
      false,
    ],
    [[step('hook', 'Before Hooks'), call], false],
    [[step('hook', 'Before Hooks')], false],
  ] as const) {
    expect(ownFaultOf(timedOut(...steps), log(0, 1)) !== undefined, JSON.stringify(steps)).toBe(isOwn)
    expect(ownFaultOf(timedOut(...steps), log(0))).toBeDefined()
  }
})

test('without a log, any call of Playwright counts, except the launch of a browser by its fixture', () => {
  const launch = before(
    step('fixture', 'Fixture "browser"', { ...underWay, steps: [step('pw:api', 'Launch browser', underWay)] }),
  )
  expect(ownFaultOf(timedOut(launch), undefined)).toContain('Fixture "browser" › Launch browser')
  expect(ownFaultOf(timedOut(step('pw:api', 'GET "/"', underWay)), undefined)).toBeUndefined()
})
