/**
 * Decides which tests count as failed without being run. Not those of a check whose state is unknown: a check that never
 * gives evidence about the service would go down, and its own tests could not bring it up again.
 */
import type { PlannedTest } from './events.ts'
import type { PlannedCheck } from './plan.ts'

type Checks = readonly Pick<PlannedCheck, 'check' | 'isUnknown'>[]

/** Because a dependency, such as a login or a hook before several tests, has failed. */
export function failsWithDependency({ checks: names, isSkipped }: PlannedTest, checks: Checks): boolean {
  return !isSkipped && names.length > 0 && !names.some(name => checks.some(own => own.check === name && own.isUnknown))
}

/** Because the base URL does not respond: the test must not reach the environment in another way. */
export function failsWithBaseURL(test: PlannedTest, checks: Checks): boolean {
  return !test.takesDetour && failsWithDependency(test, checks)
}
