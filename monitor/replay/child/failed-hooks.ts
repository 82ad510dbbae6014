/**
 * FailedHooks: remembers tests that have failed, and their hooks. Playwright skips the other tests that a `beforeAll` hook is for, and
 * the rest of a serial suite; they may belong to other checks. What Playwright does not make public is used only where it exists.
 */
import type { Suite, TestCase, TestResult, TestStep } from '@playwright/test/reporter'
import type { AttemptEnd, HookFailure } from '../events.ts'
import { isIndependent, serialSuiteOf, suitesOf } from './serial-suites.ts'

interface FailedTest {
  test: TestCase
  /** The hook for which it has failed; absent if it has failed itself. */
  hook?: { failure: HookFailure; owner: HookOwner | undefined }
}

/** The suite that a hook was written in. */
interface HookOwner {
  suite: Suite
  /** `beforeAll`, and not `beforeEach`. */
  isForAll: boolean
}

export class FailedHooks {
  readonly #failed: FailedTest[] = []

  /** A test has ended. */
  note(test: TestCase, { steps }: TestResult, { status, error, ownFault }: AttemptEnd): void {
    if (status !== 'failed' || error === undefined) return
    const before = steps.find(({ category, title }) => category === 'hook' && title === 'Before Hooks')
    const hook = before?.steps.find(({ category, error }) => category === 'hook' && error !== undefined)
    if (!hook) {
      this.#failed.push({ test })
      return
    }
    const message = `What it depends on failed: ${hook.title}: ${error.message}`
    const failure = { error: { ...error, message }, ...(ownFault !== undefined && { ownFault }) }
    this.#failed.push({ test, hook: { failure, owner: ownerOf(hook, test) } })
  }

  /** The failure for which a test was skipped; undefined for one that was not, that its spec has skipped, or behind a failed test. */
  for(test: TestCase, { status, skipReason }: AttemptEnd): HookFailure | undefined {
    if (status !== 'skipped' || skipReason !== undefined) return undefined
    const project = test.parent.project()
    const isIn = (other: TestCase) => other.location.file === test.location.file && other.parent.project() === project
    const failed = this.#failed.filter(({ test }) => isIn(test))
    if (isIndependent(test)) return failed.findLast(({ hook }) => hook)?.hook?.failure
    const own = suitesOf(test)
    const isFor = ({ hook }: FailedTest) => hook?.owner !== undefined && own.includes(hook.owner.suite)
    const serial = serialSuiteOf(test)
    const isCause = (failed: FailedTest) =>
      serialSuiteOf(failed.test) === serial || (isFor(failed) && failed.hook?.owner?.isForAll)
    const cause = failed.findLast(isCause)
    return cause && isFor(cause) ? cause.hook?.failure : undefined
  }
}

/** Whether a step of a test is a `beforeAll` hook, as far as Playwright shows that. */
export function isHookForAll(step: TestStep, test: TestCase): boolean {
  return step.category === 'hook' && (ownerOf(step, test)?.isForAll ?? step.title === 'beforeAll hook')
}

/** Undefined where Playwright does not show it. */
function ownerOf({ title, location }: TestStep, test: TestCase): HookOwner | undefined {
  for (const suite of suitesOf(test)) {
    const hooks: unknown = Object(suite)._hooks
    const hook = Array.isArray(hooks) && hooks.find(one => one.title === title && isSame(one.location, location))
    if (hook) return { suite, isForAll: hook.type === 'beforeAll' }
  }
  return undefined
}

function isSame(one: TestStep['location'], other: TestStep['location']): boolean {
  return one?.file === other?.file && one?.line === other?.line && one?.column === other?.column
}
