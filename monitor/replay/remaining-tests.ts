/** Decides which tests a run has still to try, from what its processes so far have done. Pure. */
import type { Attempt } from './outcome.ts'
import type { Rest } from './player.ts'
import type { PlaywrightRun, Stop } from './playwright-run.ts'

/** What has to be tried after these processes, and how often it has been. @param round The last of them. */
export function restOf(runs: readonly PlaywrightRun[], round: readonly PlaywrightRun[]): Rest {
  const rest = new Map<string, number>()
  const stops = runs.filter(run => run.stopped !== undefined && !isExplained(run, runs))
  if (stops.length > 1 || runs.some(isFinal)) return rest
  const wasStopped = round.some(({ stopped }) => stopped !== undefined)
  for (const { id, checks } of runs[0]?.tests ?? []) {
    if (checks.length === 0 || isDeadly(id, runs)) continue
    const attempts = endedAttempts(runs, id)
    const last = attempts.at(-1)
    if (last ? !last.isLast : wasStopped) rest.set(id, attempts.length)
  }
  return rest
}

/**
 * Whether what is left can be tried after a stop: in an outage those tests of which no failure is presumed, and those that a test
 * held up. A process that has got a result of a test and died, or fell silent, while none ran may do so after each test, such as in
 * the teardown of a worker: then every process brings a result.
 */
export function isExplained(run: PlaywrightRun, runs: readonly PlaywrightRun[]): boolean {
  const { stopped, underWay } = run
  if (stopped === 'unreachable' || isByTest(run, runs)) return true
  const wasIdle = stopped === 'silence' || (stopped === 'died' && underWay.length === 0)
  return wasIdle && (run.tests ?? []).some(({ id, checks }) => checks.length > 0 && endedAttempts([run], id).length > 0)
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
