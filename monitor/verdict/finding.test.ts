import assert from 'node:assert/strict'
import fc from 'fast-check'
import { forEachRow } from '../../testing/for-each-row.ts'
import { expect, test } from '../../testing/test.ts'
import { findingOf, type LocatedOutcome, type Outcome } from './finding.ts'

const three = { locations: { count: 3, agree: 2 } }
const from = (...outcomes: Outcome[]): LocatedOutcome[] =>
  outcomes.map((outcome, index) => ({ location: `place ${index}`, outcome }))

for (const [outcome, finding] of [
  ['passed', 'good'],
  ['flaky', 'flaky'],
  ['slow', 'slow'],
  ['failed', 'failed'],
  ['error', 'nothing'],
  ['unknown', 'nothing'],
] as const) {
  test(`with one location, ${outcome} gives ${finding}`, () => {
    expect(findingOf(from(outcome), { locations: { count: 1, agree: 1 } })).toBe(finding)
  })
}

const findings = [
  [[], undefined],
  [['failed'], undefined],
  [['failed', 'failed'], 'failed'],
  [['failed', 'passed'], undefined],
  [['failed', 'passed', 'passed'], 'good'],
  [['failed', 'slow', 'passed'], 'slow'],
  [['failed', 'error', 'error'], 'nothing'],
  [['failed', 'error', 'passed'], 'good'],
  [['passed', 'passed'], 'good'],
  [['flaky', 'flaky'], undefined],
  [['flaky', 'flaky', 'passed'], 'good'],
  [['flaky', 'failed', 'error'], 'flaky'],
  [['error', 'error'], undefined],
  [['error', 'error', 'error'], 'nothing'],
] as const satisfies readonly (readonly [readonly Outcome[], string | undefined])[]

test('findings with 3 locations, 2 of which must agree', async () => {
  await forEachRow(
    findings,
    ([outcomes]) => outcomes.join(', ') || 'no outcome',
    ([outcomes, finding]) => {
      expect(findingOf(from(...outcomes), three)).toBe(finding)
    },
  )
})

test('the finding of a closed slot counts only the locations that have an outcome', () => {
  expect(findingOf(from('failed', 'passed'), three, true)).toBe('good')
  expect(findingOf(from('failed'), three, true)).toBe('nothing')
  expect(findingOf([], three, true)).toBe('nothing')
})

test('the order of outcomes does not matter, and an early finding never changes', () => {
  const outcome = fc.record({
    location: fc.constantFrom('a', 'b', 'c', 'd'),
    outcome: fc.constantFrom<Outcome>('passed', 'flaky', 'slow', 'failed', 'error', 'unknown'),
  })
  const arrivals = fc
    .uniqueArray(outcome, { selector: ({ location }) => location, minLength: 1 })
    .chain(outcomes => fc.tuple(fc.constant(outcomes), fc.shuffledSubarray(outcomes, { minLength: outcomes.length })))
  const policies = fc
    .integer({ min: 1, max: 4 })
    .chain(count => fc.record({ count: fc.constant(count), agree: fc.integer({ min: 1, max: count }) }))
  fc.assert(
    fc.property(arrivals, policies, ([outcomes, shuffled], { agree }) => {
      const locations = { count: outcomes.length, agree: Math.min(agree, outcomes.length) }
      const final = findingOf(outcomes, { locations })
      // Not by `expect`, which reports each of some thousand steps.
      assert.equal(findingOf(shuffled, { locations }), final)
      for (let seen = 0; seen < shuffled.length; seen++) {
        assert.ok([undefined, final].includes(findingOf(shuffled.slice(0, seen), { locations })))
      }
    }),
    { numRuns: 1000 },
  )
})
