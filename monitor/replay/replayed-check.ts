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
  const own = runs.flatMap(run => run.errors).find(({ checks }) => checks.includes(check.check))
  const isOpen = tests.some(({ attempts }) => attempts.every(({ status }) => status === 'interrupted'))
  const error = own?.error ?? (isOpen ? laterLoadError(check, runs) : undefined)
  return { check, tests, ...(error && { error: describedError(error) }) }
}

/** Why a further process could not load the tests that it was to try. */
function laterLoadError(check: PlannedCheck, runs: readonly PlaywrightRun[]): ErrorPlace | undefined {
  const unloaded = runs.slice(1).filter(({ tests }) => tests === undefined)
  const own = unloaded.flatMap(run => faultyFile(check, run) ?? [])
  return own[0] ?? unloaded.flatMap(({ errors }) => errors)[0]?.error
}

/** What is wrong with a file of the check's. */
export function faultyFile({ files }: PlannedCheck, run: PlaywrightRun): ErrorPlace | undefined {
  return run.errors.find(({ error: { file } }) => file !== undefined && files?.some(name => endsWith(name, file)))
    ?.error
}

/** The place of an error is relative to a folder that is not known here. */
function endsWith(absolute: string, relative: string): boolean {
  const name = relative.replace(/^(\.\.\/)+/, '')
  return absolute.split('\\').join('/').endsWith(`/${name}`)
}

/** Why nothing more is tried of a test because of itself, or of one before it in its serial suite. */
function seriesReason(
  test: PlannedTest,
  tests: readonly PlannedTest[],
  runs: readonly PlaywrightRun[],
): string | undefined {
  if (isDeadly(test.id, runs)) return withLastWords('Playwright ended twice while it ran', test, runs)
  const before = testsBefore(test, tests)
  const deadly = before.find(({ id }) => isDeadly(id, runs))
  if (deadly) return withLastWords('Playwright ended twice while a test before it ran', deadly, runs)
  if (before.some(({ id }) => hasFailedForGood(endedAttempts(runs, id).at(-1)))) return 'a test before it failed'
  return undefined
}

/** With those of the process that ended last while the test ran. */
function withLastWords(reason: string, { id }: PlannedTest, runs: readonly PlaywrightRun[]): string {
  return saying(
    reason,
    runs.findLast(({ underWay }) => underWay.includes(id)),
  )
}

/** A reason with the last words of a process that has ended. */
export function saying(reason: string, run: Pick<PlaywrightRun, 'lastWords'> | undefined): string {
  return run?.lastWords ? `${reason}: ${run.lastWords}` : reason
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
  const last = runs.findLast(({ stopped }) => stopped)
  switch (last?.stopped) {
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
      return saying('Playwright ended before it was tried', last)
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
