/** Decides which tests a run has still to try, from what its processes so far have done. Pure. */
import type { PlannedTest } from './events.ts'
import type { Attempt } from './outcome.ts'
import type { Rest } from './player.ts'
import type { PlaywrightRun, Stop } from './playwright-run.ts'
import { hasFailedForGood, isSkippedAfterFailure, triesOf, unitsOf } from './series.ts'

/**
 * What has to be tried after these processes, and how often it has been.
 * @param tests Of which tests. @param round The last of the processes.
 */
export function restOf(
  tests: readonly PlannedTest[],
  runs: readonly PlaywrightRun[],
  round: readonly PlaywrightRun[],
): Rest {
  const stops = runs.filter(run => run.stopped !== undefined && !isExplained(run, runs))
  if (stops.length > 1 || runs.some(isFinal)) return new Map()
  const wasStopped = round.some(({ stopped }) => stopped !== undefined)
  const isDue = (last: Attempt | undefined, unit: Unit) =>
    last && !isWithoutResult(last, unit) ? !last.isLast : wasStopped
  return triedUnits(openUnits(tests, runs).filter(unit => unit.attempts.some(own => isDue(own.at(-1), unit))))
}

/**
 * The tests of which no process has a result, and how often they have been tried, if processes have ended before one had begun. What
 * others depend on, such as a login, runs before each of them.
 */
export function lostTests(tests: readonly PlannedTest[], runs: readonly PlaywrightRun[]): Rest {
  const last = runs.at(-1)
  if (runs.some(isFinal)) return new Map()
  if (last?.stopped !== 'died' || last.underWay.length > 0 || isExplained(last, runs)) return new Map()
  return triedUnits(openUnits(tests, runs).filter(unit => unit.attempts.some(own => isWithoutResult(own.at(-1), unit))))
}

/**
 * Those of the files whose tests ran when one of the last processes died; all where there are none.
 * @param round These processes, and none before: what comes of a test without other files shows the first time.
 */
export function suspectsOf(rest: Rest, tests: readonly PlannedTest[], round: readonly PlaywrightRun[]): Rest {
  const left = tests.filter(({ id }) => rest.has(id))
  const suspects = left.filter(({ id }) => round.some(({ underWay }) => underWay.includes(id)))
  const modules = new Set(suspects.map(fileOf))
  if (modules.size === 0) return rest
  return new Map(left.filter(test => modules.has(fileOf(test))).map(({ id }) => [id, rest.get(id) ?? 0]))
}

const fileOf = ({ module, file }: PlannedTest) => module ?? file

/** Tests that are tried together, and their attempts that have ended. */
interface Unit {
  tests: readonly PlannedTest[]
  attempts: readonly (readonly Attempt[])[]
}

/** Those of checks of which something may be tried. */
function openUnits(tests: readonly PlannedTest[], runs: readonly PlaywrightRun[]): Unit[] {
  const units = unitsOf(tests.filter(({ checks }) => checks.length > 0))
  return units.flatMap(tests => {
    const attempts = tests.map(({ id }) => endedAttempts(runs, id))
    const isOver = tests.some(({ id }) => isDeadly(id, runs)) || attempts.some(own => hasFailedForGood(own.at(-1)))
    return isOver ? [] : [{ tests, attempts }]
  })
}

/** In a serial suite, a skipped test has a result only when none is tried again. */
function isWithoutResult(last: Attempt | undefined, { tests }: Unit): boolean {
  return last === undefined || (tests.length > 1 && isSkippedAfterFailure(last))
}

function triedUnits(units: readonly Unit[]): Rest {
  return new Map(units.flatMap(({ tests, attempts }) => tests.map(({ id }) => [id, triesOf(attempts)] as const)))
}

/**
 * Whether what is left can be tried after a stop: in an outage those tests of which no failure is presumed, and those that a test
 * held up. A process that has got a result of a test and died, or fell silent, while none ran may do so after each test, such as in
 * the teardown of a worker: then every process brings a result, in a serial suite that of a further test.
 */
export function isExplained(run: PlaywrightRun, runs: readonly PlaywrightRun[]): boolean {
  const { stopped, underWay } = run
  if (stopped === 'unreachable' || isByTest(run, runs)) return true
  const wasIdle = stopped === 'silence' || (stopped === 'died' && underWay.length === 0)
  if (!wasIdle) return false
  const before = runs.slice(0, runs.indexOf(run))
  const isProgress = ({ id, checks, series }: PlannedTest) =>
    checks.length > 0 &&
    endedAttempts([run], id).length > 0 &&
    (series === undefined || endedAttempts(before, id).length === 0)
  return (run.tests ?? []).some(isProgress)
}

/**
 * Whether the cause of a stop is a test that is not tried again, or only once: what it held up can be tried as often as there are
 * such tests. What other tests depend on, such as a login, runs before each of these processes, and would stop all of them.
 */
function isByTest(run: PlaywrightRun, runs: readonly PlaywrightRun[]): boolean {
  const before = runs.slice(0, runs.indexOf(run)).flatMap(culprits)
  const mostBefore = run.stopped === 'endless test' ? 0 : 1
  return culprits(run).some(id => before.filter(other => other === id).length <= mostBefore)
}

/** The tests of checks for which a process was stopped, or died. */
function culprits({ stopped, settled, underWay, tests = [] }: PlaywrightRun): string[] {
  const ids = stopped === 'endless test' ? [...settled] : stopped === 'died' ? underWay : []
  return ids.filter(id => tests.some(test => test.id === id && test.checks.length > 0))
}

/** Whether two processes have died while the test ran. */
export function isDeadly(id: string, runs: readonly PlaywrightRun[]): boolean {
  return runs.filter(({ underWay }) => underWay.includes(id)).length > 1
}

/** After these nothing more is tried. */
const finalStops: readonly Stop[] = ['asked', 'late']

/** Whether nothing more of the run is tried after this process. */
export const isFinal = ({ stopped }: PlaywrightRun) => stopped !== undefined && finalStops.includes(stopped)

/** The attempts of a test that were not broken off. */
export function endedAttempts(runs: readonly PlaywrightRun[], id: string): Attempt[] {
  return runs.flatMap(run => run.attempts.get(id) ?? []).filter(({ status }) => status !== 'interrupted')
}
