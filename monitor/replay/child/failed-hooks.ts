/**
 * FailedHooks: remembers tests whose hooks have failed. Playwright skips the other tests that a `beforeAll` hook is for, and the
 * rest of a serial suite; they may belong to other checks.
 */
import type { Suite, TestCase, TestResult } from '@playwright/test/reporter'
import type { AttemptEnd, HookFailure } from '../events.ts'
import { isIndependent, serialSuiteOf } from './kept-workers.ts'

interface FailedHook {
  test: TestCase
  /** In the file of the test; undefined if Playwright does not show it, or the hook is of another file. */
  line: number | undefined
  failure: HookFailure
}

export class FailedHooks {
  readonly #failures: FailedHook[] = []

  /** A test has ended. */
  note(test: TestCase, { steps }: TestResult, { status, error, ownFault }: AttemptEnd): void {
    if (status !== 'failed' || error === undefined) return
    const before = steps.find(({ category, title }) => category === 'hook' && title === 'Before Hooks')
    const hook = before?.steps.find(({ category, error }) => category === 'hook' && error !== undefined)
    if (!hook) return
    const message = `What it depends on failed: ${hook.title}: ${error.message}`
    const failure = { error: { ...error, message }, ...(ownFault !== undefined && { ownFault }) }
    const { file, line } = hook.location ?? {}
    this.#failures.push({ test, line: file === test.location.file ? line : undefined, failure })
  }

  /** The failure for which a test was skipped; undefined for one that was not, or that its spec has skipped. */
  for(test: TestCase, { status, skipReason }: AttemptEnd): HookFailure | undefined {
    if (status !== 'skipped' || skipReason !== undefined) return undefined
    const project = test.parent.project()
    const isIn = (other: TestCase) => other.location.file === test.location.file && other.parent.project() === project
    const isFor = isIndependent(test) ? () => true : (failed: FailedHook) => isForSerial(failed, test)
    return this.#failures.findLast(failed => isIn(failed.test) && isFor(failed))?.failure
  }
}

/** A test of a serial suite is skipped for other failures, too: the hook has to be of a suite that it belongs to. */
function isForSerial({ test: failed, line }: FailedHook, test: TestCase): boolean {
  const serial = serialSuiteOf(test)
  if (!serial || serialSuiteOf(failed) !== serial || line === undefined) return false
  // Where a suite ends is not known: the hook is of this one, or of one around it.
  const suite = suitesOf(failed).find(({ location }) => !location || location.line < line)
  return suite !== undefined && suitesOf(test).includes(suite)
}

/** From the inside out. */
function suitesOf(test: TestCase): Suite[] {
  const suites: Suite[] = []
  for (let suite: Suite | undefined = test.parent; suite; suite = suite.parent) suites.push(suite)
  return suites
}
