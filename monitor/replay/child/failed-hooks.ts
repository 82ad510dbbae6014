/**
 * FailedHooks: remembers tests whose `beforeAll` hooks have failed. Playwright skips the other tests that the hooks are for,
 * which may belong to other checks.
 */
import type { TestCase, TestResult } from '@playwright/test/reporter'
import type { AttemptEnd, HookFailure } from '../events.ts'

export class FailedHooks {
  readonly #failures: { test: TestCase; failure: HookFailure }[] = []

  /** A test has ended. */
  note(test: TestCase, { steps }: TestResult, { status, error, ownFault }: AttemptEnd): void {
    if (status !== 'failed' || error === undefined) return
    const before = steps.find(({ category, title }) => category === 'hook' && title === 'Before Hooks')
    const hook = before?.steps.find(({ category, error }) => category === 'hook' && error !== undefined)
    if (!hook) return
    const message = `What it depends on failed: ${hook.title}: ${error.message}`
    const failure = { error: { ...error, message }, ...(ownFault !== undefined && { ownFault }) }
    this.#failures.push({ test, failure })
  }

  /** The failure for which a test was skipped; undefined for one that was not, or that its spec has skipped. */
  for(test: TestCase, { status, skipReason }: AttemptEnd): HookFailure | undefined {
    if (status !== 'skipped' || skipReason !== undefined) return undefined
    const project = test.parent.project()
    return this.#failures.findLast(
      ({ test: other }) => other.location.file === test.location.file && other.parent.project() === project,
    )?.failure
  }
}
