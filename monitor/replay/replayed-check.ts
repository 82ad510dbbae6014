/** Puts the result of a check together from all that the processes of its run have done. Pure. */
import { type Fault, shown } from '../config/fault.ts'
import { suggestion } from '../config/nearest.ts'
import type { ErrorPlace, PlannedTest } from './events.ts'
import { type Attempt, attemptVerdict } from './outcome.ts'
import type { PlannedCheck } from './plan.ts'
import { type PlaywrightRun, unreachableAttempt } from './playwright-run.ts'
import { failsWithBaseURL, failsWithDependency } from './presumption.ts'
import { endedAttempts, isDeadly } from './remaining-tests.ts'
import { hasFailedForGood, testsBefore } from './series.ts'

/** What is known of a check when everything has been tried. */
export interface ReplayedCheck {
  check: PlannedCheck
  /** Its tests in the order of their files; empty also when they could not be loaded. */
  tests: { planned: PlannedTest; attempts: Attempt[]; untried?: string }[]
  /** Why it has failed before any of its tests could be tried. */
  failure?: string
  /** Why it could not be tried, or what went wrong around it. */
  error?: string
  /** Where that is a fault of the configuration. */
  faults?: readonly Fault[]
}

/** @param checks All that the processes have replayed, in this order; the first has loaded all of their tests. */
export function replayedCheck(
  check: PlannedCheck,
  checks: readonly PlannedCheck[],
  runs: readonly PlaywrightRun[],
): ReplayedCheck {
  const all = runs[0]?.tests ?? []
  const absence = runs.find(run => run.absence !== undefined)?.absence
  // A process that had not loaded the tests which it was to take over has no results of them.
  const inherited = absence === undefined ? failedDependency(runs) : unreachableAttempt(absence)
  const isPresumed = absence === undefined ? failsWithDependency : failsWithBaseURL
  const tests = all
    .filter(({ checks }) => checks.includes(check.check))
    .map(planned => {
      const attempts = runs.flatMap(run => run.attempts.get(planned.id) ?? [])
      return {
        planned,
        attempts: attempts.length === 0 && inherited && isPresumed(planned, checks) ? [inherited] : attempts,
        untried: seriesReason(planned, all, runs) ?? untriedReason(runs),
      }
    })
  const error = runs.flatMap(run => run.errors).find(({ checks }) => checks.includes(check.check))
  return { check, tests, ...(error && { error: describedError(error.error) }) }
}

/** Why nothing more is tried of a test because of itself, or of one before it in its serial suite. */
function seriesReason(
  test: PlannedTest,
  tests: readonly PlannedTest[],
  runs: readonly PlaywrightRun[],
): string | undefined {
  if (isDeadly(test.id, runs)) return 'Playwright ended twice while it ran'
  const before = testsBefore(test, tests)
  if (before.some(({ id }) => isDeadly(id, runs))) return 'Playwright ended twice while a test before it ran'
  if (before.some(({ id }) => hasFailedForGood(endedAttempts(runs, id).at(-1)))) return 'a test before it failed'
  return undefined
}

/** The attempt that counts for tests which were not tried since a dependency, such as a login, has failed. */
function failedDependency(runs: readonly PlaywrightRun[]): Attempt | undefined {
  if (runs.some(({ stopped }) => stopped !== undefined)) return undefined
  for (const { id, title, checks } of runs[0]?.tests ?? []) {
    const last = endedAttempts(runs, id).at(-1)
    if (checks.length > 0 || !last || attemptVerdict(last).outcome !== 'failed') continue
    const { error, offline } = last
    const message = `What it depends on failed: ${title}: ${error?.message ?? 'without an error'}`
    return { ...last, durationMs: 0, isLast: true, error: { ...error, message }, ...(offline && { offline }) }
  }
  return undefined
}

const interrupted = 'interrupted: the run was stopped'
const tooLate = 'the time of the run was over'
/** Why nothing more is tried. */
export const finalReasons = [interrupted, tooLate]

/** Why tests without a result have none. */
export function untriedReason(runs: readonly PlaywrightRun[]): string {
  switch (runs.findLast(({ stopped }) => stopped)?.stopped) {
    case 'asked':
      return interrupted
    case 'late':
      return tooLate
    case 'unreachable':
      return 'the environment does not respond'
    case 'endless test':
      return 'a test before it did not end'
    case 'silence':
    case 'died':
      return 'Playwright ended before it was tried'
  }
  const isDependency = ({ checks }: PlannedTest) => checks.length === 0
  const dependencies = (runs[0]?.tests ?? []).filter(isDependency)
  const failed = dependencies.find(({ id }) => runs[0]?.attempts.get(id)?.at(-1)?.status === 'failed')
  return failed ? `what it depends on failed: ${failed.title}` : 'Playwright did not try it'
}

/** The check's projects that Playwright's configuration does not have. */
export function missingProjects({ check, projects }: PlannedCheck, run: PlaywrightRun): Fault[] {
  if (run.projects.length === 0) return []
  return projects.flatMap((name, index) => {
    if (run.projects.includes(name)) return []
    const path = `checks.${check}.project${projects.length === 1 ? '' : `[${index}]`}`
    const remedy = `there is no such project in Playwright's config; ${suggestion(name, run.projects)}`
    return [{ path, value: shown(name, []), remedy }]
  })
}

/** With its place, unless the message has it. */
export function describedError({ message, file, line }: ErrorPlace): string {
  return file === undefined || message.includes(file) ? message : `${message}\n    at ${file}:${line}`
}
