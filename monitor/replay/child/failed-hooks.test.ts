import type { FullProject, Suite, TestCase, TestResult, TestStep } from '@playwright/test/reporter'
import { expect, test } from '../../../testing/test.ts'
import type { AttemptEnd } from '../events.ts'
import { FailedHooks } from './failed-hooks.ts'

const [desktop, mobile] = ['desktop', 'mobile'].map(name => ({ name }) as FullProject)
/** A hook of its own stands at the same line. */
const suiteAt = (line: number, mode = 'none', parent?: Suite, type = 'beforeAll', file = 'a') =>
  ({
    ...{ location: { file: 'a', line, column: 1 }, _parallelMode: mode, parent, project: () => desktop },
    _hooks: [{ type, title: 'sign in', location: { file, line, column: 3 } }],
  }) as unknown as Suite
const testIn = (file: string, project = desktop, parent = suiteAt(0)) =>
  ({ location: { file, line: 1, column: 1 }, parent: { ...parent, project: () => project } }) as TestCase
const end = (status: AttemptEnd['status'], more: Partial<AttemptEnd> = {}): AttemptEnd => ({
  ...{ status, durationMs: 1, isLast: true, expects: 0 },
  ...more,
})
const resultWith = (hook: Partial<TestStep>) =>
  ({ steps: [{ category: 'hook', title: 'Before Hooks', steps: [hook] }] }) as unknown as TestResult

test('a test that is skipped after a failed hook of its file has the failure of the hook', () => {
  const hooks = new FailedHooks()
  const failed = end('failed', { error: { message: '500 is not 200', line: 3 } })
  hooks.note(testIn('a'), resultWith({ category: 'hook', title: 'sign in', error: {} }), failed)
  const skipped = end('skipped')
  expect(hooks.for(testIn('a'), skipped)).toEqual({
    error: { message: 'What it depends on failed: sign in: 500 is not 200', line: 3 },
  })
  expect(hooks.for(testIn('b'), skipped)).toBeUndefined()
  expect(hooks.for(testIn('a', mobile), skipped)).toBeUndefined()
  expect(hooks.for(testIn('a'), end('skipped', { skipReason: 'not now' }))).toBeUndefined()
  expect(hooks.for(testIn('a'), end('passed'))).toBeUndefined()
})

test('of a serial suite, only the tests that the hook is for have its failure', () => {
  const file = suiteAt(0)
  const [serial, other] = [suiteAt(1, 'serial', file), suiteAt(40, 'serial', file)]
  const [inner, each] = [suiteAt(10, 'none', serial), suiteAt(20, 'none', serial, 'beforeEach')]
  // Its hook was written by a function of another file.
  const helped = suiteAt(30, 'none', serial, 'beforeAll', 'helper')
  const within = (parent: Suite) => ({ location: { file: 'a', line: 1, column: 1 }, parent }) as TestCase
  const failed = end('failed', { error: { message: '500' } })
  const noteIn = (hooks: FailedHooks, from: Suite, line: number, file = 'a') => {
    const location = { file, line, column: 3 }
    hooks.note(within(from), resultWith({ category: 'hook', title: 'sign in', error: {}, location }), failed)
  }
  const skippedAfter = (line: number, from: Suite, to: Suite, file?: string) => {
    const hooks = new FailedHooks()
    noteIn(hooks, from, line, file)
    return hooks.for(within(to), end('skipped'))?.error.message
  }
  const message = 'What it depends on failed: sign in: 500'
  expect(skippedAfter(1, serial, serial)).toBe(message)
  expect(skippedAfter(1, inner, serial)).toBe(message)
  expect(skippedAfter(10, inner, serial)).toBeUndefined()
  expect(skippedAfter(10, inner, inner)).toBe(message)
  expect(skippedAfter(20, each, each)).toBe(message)
  expect(skippedAfter(30, helped, helped, 'helper')).toBe(message)
  expect(skippedAfter(30, helped, serial, 'helper')).toBeUndefined()
  expect(skippedAfter(1, serial, other)).toBeUndefined()
  // That of the file is for all of its tests.
  expect(skippedAfter(0, serial, other)).toBe(message)
  expect(skippedAfter(0, file, other)).toBe(message)
  expect(skippedAfter(0, file, inner)).toBe(message)
  const ofEach = suiteAt(0, 'none', undefined, 'beforeEach')
  expect(skippedAfter(0, ofEach, suiteAt(1, 'serial', ofEach))).toBeUndefined()

  // A test of its own suite has failed since.
  const hooks = new FailedHooks()
  noteIn(hooks, file, 0)
  hooks.note(within(serial), resultWith({ category: 'fixture', title: 'request', error: {} }), failed)
  expect(hooks.for(within(serial), end('skipped'))).toBeUndefined()
  expect(hooks.for(within(other), end('skipped'))?.error.message).toBe(message)
})

test('an own fault of the hook is one of the tests that it is for', () => {
  const hooks = new FailedHooks()
  const ownFault = 'Nothing had been sent to the environment'
  const failed = end('failed', { error: { message: 'a timeout' }, ownFault })
  hooks.note(testIn('a'), resultWith({ category: 'hook', title: 'beforeAll hook', error: {} }), failed)
  expect(hooks.for(testIn('a'), end('skipped'))).toMatchObject({ ownFault })
})

test('the failure of a fixture or of the test itself is no failure of a hook', () => {
  const hooks = new FailedHooks()
  const failed = end('failed', { error: { message: 'no' } })
  hooks.note(testIn('a'), resultWith({ category: 'fixture', title: 'Fixture "page"', error: {} }), failed)
  hooks.note(testIn('a'), resultWith({ category: 'hook', title: 'beforeAll hook' }), failed)
  expect(hooks.for(testIn('a'), end('skipped'))).toBeUndefined()
})
