import { expect, test } from '../../testing/test.ts'
import type { PlannedTest } from './events.ts'
import type { Attempt } from './outcome.ts'
import { isSeriesOver, testsBefore, triesOf, unitsOf } from './series.ts'

const planned = (id: string, series?: string): PlannedTest => ({
  ...{ id, title: id, file: 'a.spec.ts', line: 1, checks: ['all'], module: '/a.spec.ts', isSkipped: false },
  ...{ takesDetour: false, ...(series !== undefined && { series }) },
})
const attempt = (status: Attempt['status'], isLast = true, skipReason?: string): Attempt => ({
  ...{ status, isLast, durationMs: 1, expects: 1, ...(skipReason !== undefined && { skipReason }) },
})
const [passed, skipped, retried, failed] = [
  attempt('passed'),
  attempt('skipped'),
  attempt('failed', false),
  attempt('failed'),
]

test('the tests of a serial suite are one unit, in their order', () => {
  const tests = [planned('a'), planned('b', 'x'), planned('c', 'y'), planned('d', 'x'), planned('x')]
  expect(unitsOf(tests).map(unit => unit.map(({ id }) => id))).toEqual([['a'], ['b', 'd'], ['c'], ['x']])
  const before = (test: PlannedTest) => testsBefore(test, tests).map(({ id }) => id)
  expect(tests.map(before)).toEqual([[], [], [], ['b'], []])
})

for (const [what, attempts, isOver] of [
  ['nothing was tried', [[], []], false],
  ['all have passed', [[passed], [passed]], true],
  ['one was not tried', [[passed], []], false],
  ['one is tried again', [[passed], [retried], [skipped]], false],
  [
    'one has passed when it was tried again, and the rest follows',
    [[passed, passed], [retried, passed], [skipped]],
    false,
  ],
  ['one has failed for good, and the rest is not skipped yet', [[passed], [failed], []], true],
  ['its author skips one', [[passed], [attempt('skipped', true, 'not now')]], true],
] as [string, Attempt[][], boolean][])
  test(`a serial suite is over or not: ${what}`, () => {
    expect(isSeriesOver(attempts)).toBe(isOver)
  })

for (const [what, attempts, tries] of [
  ['nothing', [[], []], 0],
  ['a part, which was broken off', [[passed], [], []], 0],
  ['once', [[passed], [retried], [skipped]], 1],
  ['once, without what is skipped', [[passed], [retried], []], 1],
  ['once, and a part', [[passed, passed], [retried], [skipped]], 1],
  ['twice, and other tests have failed', [[passed, retried], [retried, skipped], [skipped]], 2],
  ['a test alone', [[skipped]], 1],
] as [string, Attempt[][], number][])
  test(`a serial suite was tried: ${what}`, () => {
    expect(triesOf(attempts)).toBe(tries)
  })
