/**
 * Tells of which tests it may be presumed that they have failed, without trying them. Not where their check is unknown: one
 * that never says anything of the service would fall, and could not be up again by its own tests.
 */
import type { PlannedTest } from './events.ts'
import type { PlannedCheck } from './plan.ts'

type Checks = readonly Pick<PlannedCheck, 'check' | 'isUnknown'>[]

/** Since what the test depends on, such as a login, has failed. */
export function failsWithDependency({ checks: names, isSkipped }: PlannedTest, checks: Checks): boolean {
  return !isSkipped && names.length > 0 && !names.some(name => checks.some(own => own.check === name && own.isUnknown))
}

/** Since the base URL answers nobody: the test must not reach the environment in another way. */
export function failsWithBaseURL(test: PlannedTest, checks: Checks): boolean {
  return !test.takesDetour && failsWithDependency(test, checks)
}
