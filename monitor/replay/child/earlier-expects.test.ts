import { expect, test } from '@playwright/test'
import type { Suite, TestCase, TestResult, TestStep } from '@playwright/test/reporter'
import { EarlierExpects } from './earlier-expects.ts'

const file = { _parallelMode: 'none', _hooks: [] } as unknown as Suite
const serial = { _parallelMode: 'serial', _hooks: [], parent: file } as unknown as Suite
const testIn = (parent: Suite, file = 'a') => ({ location: { file }, parent }) as TestCase
const step = (category: string, title: string, steps: TestStep[] = []) => ({ category, title, steps }) as TestStep
const matcher = step('expect', 'toBe')
const result = (workerIndex: number, ...steps: TestStep[]) => ({ workerIndex, steps }) as TestResult
const hooks = (title: string) => step('hook', 'Before Hooks', [step('hook', title, [matcher])])

test('the matchers of a beforeAll hook count for all tests of its file, in the worker that has run it', () => {
  const expects = new EarlierExpects()
  expect(expects.add(testIn(file), result(0, hooks('beforeAll hook'), matcher))).toBe(2)
  expect(expects.add(testIn(file), result(0))).toBe(1)
  expect(expects.add(testIn(file, 'b'), result(0))).toBe(0)
  expect(expects.add(testIn(file), result(1))).toBe(0)
})

test('those of a beforeEach hook, and of the test, count only for the test', () => {
  const expects = new EarlierExpects()
  expect(expects.add(testIn(file), result(0, hooks('beforeEach hook'), step('test.step', 'pays', [matcher])))).toBe(2)
  expect(expects.add(testIn(file), result(0))).toBe(0)
})

test('those of the earlier tests of a serial suite count, until it is tried again', () => {
  const expects = new EarlierExpects()
  expect(expects.add(testIn(serial), result(0))).toBe(0)
  expect(expects.add(testIn(serial), result(0, matcher))).toBe(1)
  expect(expects.add(testIn(serial), result(0))).toBe(1)
  expect(expects.add(testIn(file), result(0))).toBe(0)
  expect(expects.add(testIn(serial), result(1))).toBe(0)
})
