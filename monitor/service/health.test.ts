import { expect, test } from '../../testing/test.ts'
import { createHealth } from './health.ts'

test('an instance is ill while an operation fails, or has not succeeded for too long', () => {
  let now = 0
  const health = createHealth({ planning: 1000, recording: undefined }, () => now)
  expect(health.illness()).toBeUndefined()
  health.failed('recording')
  expect(health.illness()).toBe('recording')
  health.succeeded('recording')
  now = 1000
  expect(health.illness()).toBeUndefined()
  now = 1001
  expect(health.illness()).toBe('planning: no success for 1 s')
  health.succeeded('planning')
  // What is not watched does not matter.
  health.failed('evidence')
  expect(health.illness()).toBeUndefined()
  now = 60_000
  health.succeeded('planning')
  expect(health.illness()).toBeUndefined()
})
