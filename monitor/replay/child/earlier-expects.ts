/**
 * EarlierExpects: counts the `expect` calls that a test has in common with others: those of `beforeAll` hooks of its file, which
 * Playwright shows in the first test after them, and those of the earlier tests of its serial suite.
 */
import type { TestCase, TestResult, TestStep } from '@playwright/test/reporter'
import { isHookForAll } from './failed-hooks.ts'
import { serialSuiteOf } from './serial-suites.ts'

export class EarlierExpects {
  /** By worker and file. */
  readonly #ofHooks = new Map<string, number>()
  /** By serial suite; of the worker that runs it. */
  readonly #ofSeries = new Map<object, { worker: number; count: number }>()

  /** A test has ended. Returns the number of its own and of the earlier ones. */
  add(test: TestCase, { workerIndex, steps }: TestResult): number {
    const own = expectsIn(steps)
    const key = `${workerIndex} ${test.location.file}`
    const before = steps.find(({ category, title }) => category === 'hook' && title === 'Before Hooks')
    const hooks = before?.steps.filter(step => isHookForAll(step, test)) ?? []
    const earlier = this.#ofHooks.get(key) ?? 0
    this.#ofHooks.set(key, earlier + expectsIn(hooks))
    const suite = serialSuiteOf(test)
    if (!suite) return earlier + own
    const series = this.#ofSeries.get(suite)
    const inSeries = series?.worker === workerIndex ? series.count : 0
    this.#ofSeries.set(suite, { worker: workerIndex, count: inSeries + own })
    return earlier + inSeries + own
  }
}

function expectsIn(steps: readonly TestStep[]): number {
  return steps.reduce((total, { category, steps }) => total + (category === 'expect' ? 1 : 0) + expectsIn(steps), 0)
}
