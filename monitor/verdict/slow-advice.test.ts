import { expect, test } from '../../testing/test.ts'
import { defaultPolicy } from './policy.ts'
import { adviseSlow, type MeasuredOutcome } from './slow-advice.ts'

/** Every request takes 100 to 199 ms; three times three replays in a row take 400 ms. */
const slots = Array.from({ length: 2000 }, (_, index) => {
  const slowestMs = index % 600 > 0 && index % 600 < 4 ? 400 : 100 + (index % 100)
  const outcome: MeasuredOutcome = { location: 'home', outcome: 'passed', slowestMs }
  return { due: index * 60_000, outcomes: [outcome] }
})

test('a limit is suggested that usual requests keep', () => {
  expect(adviseSlow({ slots, policy: defaultPolicy })).toEqual({
    measured: 2000,
    p99Ms: 199,
    slow: 0,
    degraded: 0,
    suggestions: [{ slowAboveMs: 500, slow: 0, degraded: 0 }],
  })
})

test('a limit in force is compared with a calmer one, and kept where it is calm', () => {
  expect(adviseSlow({ slots, policy: defaultPolicy, slowAboveMs: 190 })).toMatchObject({
    slow: 192,
    suggestions: [{ slowAboveMs: 500, slow: 0, degraded: 0 }],
  })
  expect(adviseSlow({ slots, policy: defaultPolicy, slowAboveMs: 1000 })).toMatchObject({
    degraded: 0,
    suggestions: [],
  })
})

test('few measured replays give no advice', () => {
  expect(adviseSlow({ slots: slots.slice(0, 50), policy: defaultPolicy })).toBeUndefined()
})
