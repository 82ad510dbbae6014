import { expect, test } from '@playwright/test'
import type { FullProject, Suite, TestCase, TestResult, TestStep } from '@playwright/test/reporter'
import type { AttemptEnd } from '../events.ts'
import { FailedHooks } from './failed-hooks.ts'

const [desktop, mobile] = ['desktop', 'mobile'].map(name => ({ name }) as FullProject)
const suiteAt = (line: number, mode = 'none', parent?: Suite) =>
  ({
    location: { file: 'a', line, column: 1 },
    _parallelMode: mode,
    parent,
    project: () => desktop,
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
  const inner = suiteAt(10, 'none', serial)
  const within = (parent: Suite) => ({ location: { file: 'a', line: 1, column: 1 }, parent }) as TestCase
  const failed = end('failed', { error: { message: '500' } })
  const skippedAfter = (line: number, from: Suite, to: Suite, file = 'a') => {
    const hooks = new FailedHooks()
    const location = { file, line, column: 1 }
    hooks.note(within(from), resultWith({ category: 'hook', title: 'sign in', error: {}, location }), failed)
    return hooks.for(within(to), end('skipped'))?.error.message
  }
  const message = 'What it depends on failed: sign in: 500'
  expect(skippedAfter(2, serial, serial)).toBe(message)
  expect(skippedAfter(2, inner, serial)).toBe(message)
  expect(skippedAfter(12, inner, serial)).toBeUndefined()
  expect(skippedAfter(12, inner, inner)).toBe(message)
  expect(skippedAfter(2, serial, other)).toBeUndefined()
  // Its line says nothing about the suites of this file.
  expect(skippedAfter(2, inner, serial, 'helper')).toBeUndefined()
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
