/** Replays checks against one environment, in as few processes as the faults of their specs allow. */
import { sentence } from '../config/fault.ts'
import { playHalves } from './lost-tests.ts'
import type { PlannedCheck } from './plan.ts'
import { lostTests } from './remaining-tests.ts'
import { faultyFile, missingProjects, type ReplayedCheck, replayedCheck, untriedReason } from './replayed-check.ts'
import { type Play, playOn, playRound } from './rounds.ts'
import { mostEndings, replayLoadable } from './unloaded-checks.ts'

/**
 * Where files cannot be loaded, their checks are left out, or all are tried one by one, or by halves. After a test that never ends, or
 * ends Playwright, what had not ended starts again; after a stop without a result, also by what other tests depend on, once. Processes
 * that end twice before a test has begun are started with a part of the tests, to find the one for which they do. Failed tests that
 * Playwright itself has not tried again are tried in a further process.
 * @param left How many more processes may end while they load specs.
 */
export async function replayChecks(
  checks: readonly PlannedCheck[],
  play: Play,
  left = { endings: mostEndings },
): Promise<ReplayedCheck[]> {
  if (checks.length === 0) return []
  const round = await playRound(checks, play)
  const [run] = round
  if (!run.tests) {
    if (run.absence !== undefined && !checks.some(check => faultyFile(check, run))) {
      const [first] = run.errors
      const cause = first ? ` (${first.error.message})` : ''
      const failure = `The environment does not respond, and the specs could not be loaded${cause}: ${run.absence}.`
      return checks.map(check => ({ check, tests: [], ...(check.isUnknown ? { error: failure } : { failure }) }))
    }
    if (run.stopped === 'asked' || run.stopped === 'late')
      return checks.map(check => ({ check, tests: [], error: untriedReason([run]) }))
    return replayLoadable(checks, run, {
      replay: some => replayChecks(some, play, left),
      playWithoutFiles: () => play(checks, { rest: new Map(), known: { tests: [], projects: run.projects } }),
      left,
    })
  }
  const known = { tests: run.tests, projects: run.projects }
  const first = await playOn(checks, play, known, round)
  const runs = [...first, ...(await playHalves(checks, play, known, lostTests(known.tests, first)))]
  return checks.map(check => {
    const faults = missingProjects(check, run)
    if (faults.length > 0) return { check, tests: [], error: faults.map(sentence).join('\n'), faults }
    return replayedCheck(check, checks, runs)
  })
}
