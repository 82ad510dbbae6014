/**
 * HookSkips: remembers which skips were decided after requests. A `beforeAll` hook that skips its tests does so once: Playwright
 * repeats its annotation for the others, without running anything of them.
 */
import type { TestCase, TestResult } from '@playwright/test/reporter'
import type { AttemptEnd } from '../events.ts'

export class HookSkips {
  readonly #places = new Set<string>()

  /** A test has ended. Returns whether it was skipped where another test was, which had sent requests by then. */
  isRepeated(test: TestCase, result: TestResult, { status, log }: AttemptEnd): boolean {
    if (status !== 'skipped') return false
    const { location } =
      [...test.annotations, ...result.annotations].find(({ type }) => /^(?:skip|fixme)$/.test(type)) ?? {}
    if (!location) return false
    const place = `${location.file}:${location.line}:${location.column}`
    if (log) {
      if (log.sent > 0) this.#places.add(place)
      return false
    }
    return this.#places.has(place)
  }
}
