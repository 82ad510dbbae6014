/**
 * Keeps workers after failed tests, in the runner: decides which tests allow it, and restores their results afterwards. What
 * Playwright does not make public is used only where it exists; without it, a failure ends its worker as usual.
 */
import type { Suite, TestCase, TestResult } from '@playwright/test/reporter'
import { endsWorkerVariable, keptWorkerName } from '../../../environment/contract/kept-worker.ts'
import { modesOf } from './serial-suites.ts'

/** A variable of a process can hold 128 KB. */
const mostCharacters = 100_000

/** Call it before a worker starts. `isChecked` returns whether a test belongs to a check. */
export function allowKeptWorkers(suite: Suite, isChecked: (test: TestCase) => boolean): void {
  const ids: string[] = []
  for (const test of suite.allTests()) {
    const modes = modesOf(test)
    if (!modes) return
    // The rest of a serial suite must not be tried, nor what depends on another project's test.
    if (modes.includes('serial') || !isChecked(test)) ids.push(test.id)
  }
  const value = ids.join(' ')
  if (value.length <= mostCharacters) process.env[endsWorkerVariable] = value
}

/**
 * Makes attempts of earlier processes count, so that `testInfo.retry`, traces of retries and Playwright's own retries go
 * on from there. @param tried How many there were, by the ids of the tests.
 */
export function countPriorAttempts(suite: Suite, tried: Readonly<Record<string, number>>): void {
  for (const test of suite.allTests()) {
    const append = Object(test)._appendTestResult
    if (typeof append !== 'function') return
    for (let count = tried[test.id] ?? 0; count > 0; count--) append.call(test)
  }
}

/** To be called before any other reporter sees the result. */
export function restoreExpectedStatus(test: TestCase, result: TestResult): void {
  if (result.attachments.some(({ name }) => name === keptWorkerName)) test.expectedStatus = 'passed'
}
