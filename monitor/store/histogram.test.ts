import assert from 'node:assert/strict'
import fc from 'fast-check'
import { expect, test } from '../../testing/test.ts'
import { bucketOf, type Histogram, merge, quantile, relativeError } from './histogram.ts'

const durations = fc.array(fc.double({ min: 1, max: 3_600_000, noNaN: true }), { minLength: 1, maxLength: 300 })
const sorted = (histogram: Histogram) => [...histogram].sort(([a], [b]) => a - b)

function histogramOf(values: readonly number[]): Histogram {
  return merge(values.map(value => new Map([[bucketOf(value), 1]])))
}

test('merged histograms equal the histogram of all data, in any split and order', () => {
  fc.assert(
    fc.property(durations, durations, durations, (a, b, c) => {
      const whole = histogramOf([...a, ...b, ...c])
      assert.deepEqual(sorted(merge([merge([histogramOf(c), histogramOf(a)]), histogramOf(b)])), sorted(whole))
    }),
  )
})

test('a quantile is within the stated error of the true one', () => {
  fc.assert(
    fc.property(durations, fc.double({ min: 0, max: 1, noNaN: true }), (values, share) => {
      const rank = Math.max(1, Math.ceil(share * values.length))
      const exact = [...values].sort((a, b) => a - b)[rank - 1] ?? 0
      const estimate = quantile(histogramOf(values), share) ?? 0
      assert.ok(Math.abs(estimate - exact) / exact <= relativeError + 1e-9, `${estimate} for ${exact}`)
    }),
    { numRuns: 1000 },
  )
})

test('no data has no quantile, and zero counts as a millisecond', () => {
  expect(quantile(new Map(), 0.95)).toBeUndefined()
  expect(bucketOf(0)).toBe(bucketOf(1))
})
