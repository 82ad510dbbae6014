/**
 * Serial suites (`test.describe.serial`): a test needs those before it, so that all of a suite are tried together, in one process
 * after the other, until one has failed for the last time. Pure.
 */
import type { PlannedTest } from './events.ts'
import type { Attempt } from './outcome.ts'

/** Divides tests into what can be tried alone, in their order: the tests of each serial suite, and each other test. */
export function unitsOf(tests: readonly PlannedTest[]): PlannedTest[][] {
  const units = new Map<string, PlannedTest[]>()
  for (const test of tests) {
    const key = test.series === undefined ? `test ${test.id}` : `series ${test.series}`
    units.set(key, [...(units.get(key) ?? []), test])
  }
  return [...units.values()]
}

/** Those of its serial suite that stand before a test. */
export function testsBefore({ id, series }: PlannedTest, tests: readonly PlannedTest[]): PlannedTest[] {
  if (series === undefined) return []
  const suite = tests.filter(test => test.series === series)
  return suite.slice(
    0,
    suite.findIndex(test => test.id === id),
  )
}

/**
 * Whether Playwright tries nothing more of a serial suite.
 * @param attempts Of each of its tests.
 */
export function isSeriesOver(attempts: readonly (readonly Attempt[])[]): boolean {
  const lasts = attempts.map(own => own.at(-1))
  if (lasts.some(hasFailedForGood)) return true
  return lasts.every(last => last?.isLast === true && !isSkippedAfterFailure(last))
}

/**
 * How often tests that are tried together have been tried, without a time that was broken off. It is the same number for all of them,
 * because Playwright tries a serial suite again only where it is.
 * @param attempts Of each test, in their order: those that have ended.
 */
export function triesOf(attempts: readonly (readonly Attempt[])[]): number {
  const [own, ...others] = attempts
  if (own && others.length === 0) return own.length
  // A time is over with a failure, and then the tests before it have ended as well.
  const failed = attempts.findLastIndex(own => own.some(({ status }) => status === 'failed'))
  return failed < 0 ? 0 : Math.min(...attempts.slice(0, failed + 1).map(({ length }) => length))
}

/** After it, Playwright skips the rest of a serial suite, and tries none of it again. */
export function hasFailedForGood(last: Attempt | undefined): boolean {
  return last?.status === 'failed' && last.isLast
}

/** Playwright does not try a test of a serial suite in which one before it has failed. */
export function isSkippedAfterFailure({ status, skipReason }: Attempt): boolean {
  return status === 'skipped' && skipReason === undefined
}
