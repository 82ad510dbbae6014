/** Replays what can be replayed of checks whose spec files could not be loaded together. */
import type { PlannedCheck } from './plan.ts'
import type { PlaywrightRun } from './playwright-run.ts'
import { isFinal } from './remaining-tests.ts'
import {
  describedError,
  faultyFile,
  finalReasons,
  type ReplayedCheck,
  saying,
  untriedReason,
} from './replayed-check.ts'

export interface Loading {
  /** Replays some of the checks, as if they were all. */
  replay(checks: readonly PlannedCheck[]): Promise<ReplayedCheck[]>
  /** Starts Playwright without the checks' files: with `globalSetup`, and the files of what others depend on. */
  playWithoutFiles(): Promise<PlaywrightRun>
  /** How many more processes may end while they load specs. */
  left: { endings: number }
}

type Replay = Loading['replay']

/** How often Playwright may end while it loads specs: for three files among a thousand. A file that all specs import may do that. */
export const mostEndings = 30

/**
 * Which checks have files that cannot be loaded shows by their errors; else it is searched for.
 * @param run The process that could not load them.
 */
export function replayLoadable(
  checks: readonly PlannedCheck[],
  run: PlaywrightRun,
  loading: Loading,
): Promise<ReplayedCheck[]> {
  if (run.errors.length === 0 && run.stopped === 'died') {
    if (run.hasStarted) return replayApart(checks, run, loading)
    // Not even Playwright's configuration was read: nothing depends on which checks are in the run.
    return Promise.resolve(withError(checks, saying('Playwright does not start', run)))
  }
  return replayWithoutFaulty(checks, run, loading.replay)
}

const withError = (checks: readonly PlannedCheck[], error: string) => checks.map(check => ({ check, tests: [], error }))

/**
 * A file has ended Playwright when it was loaded: each half of the checks is replayed, as far as they load other files. What else
 * ends it before a test, such as `globalSetup`, does so without these files as well.
 */
async function replayApart(
  checks: readonly PlannedCheck[],
  run: PlaywrightRun,
  { replay, playWithoutFiles, left }: Loading,
): Promise<ReplayedCheck[]> {
  const isFirst = left.endings-- === mostEndings
  const halves = halvesOf(checks)
  if (halves.length > 0 && left.endings > 0) {
    const bare = isFirst ? await playWithoutFiles() : undefined
    if (bare && isFinal(bare)) return withError(checks, untriedReason([bare]))
    if (!bare || bare.tests || bare.stopped !== 'died') return inOrder(checks, await replayInTurn(halves, replay))
  }
  const why =
    'Playwright ended while it loaded the specs, or in globalSetup: look for process.exit() outside of the tests'
  return withError(checks, saying(why, run))
}

/** None for checks that load the same files. Those that load all files are apart from the others. */
function halvesOf(checks: readonly PlannedCheck[]): PlannedCheck[][] {
  const ofAll = checks.filter(loadsAll)
  if (ofAll.length > 0 && ofAll.length < checks.length) return [checks.filter(check => !loadsAll(check)), ofAll]
  const parts = groupsOf(checks)
  if (parts.length < 2) return []
  const middle = Math.ceil(parts.length / 2)
  return [parts.slice(0, middle).flat(), parts.slice(middle).flat()]
}

/** Checks that load the same files are together, and those that load all files the last. */
function groupsOf(checks: readonly PlannedCheck[]): PlannedCheck[][] {
  const groups = new Map<string, PlannedCheck[]>()
  for (const check of [...checks.filter(check => !loadsAll(check)), ...checks.filter(loadsAll)]) {
    const loaded = JSON.stringify([check.files, check.projects])
    groups.set(loaded, [...(groups.get(loaded) ?? []), check])
  }
  return [...groups.values()]
}

/** Whether a check loads all files, since it names none. */
const loadsAll = ({ files }: PlannedCheck) => files === undefined

/** Leaves out the checks whose files have an error. Where that is not known, they are tried apart from each other. */
async function replayWithoutFaulty(
  checks: readonly PlannedCheck[],
  run: PlaywrightRun,
  replay: Replay,
): Promise<ReplayedCheck[]> {
  const faulty = checks.flatMap(check => {
    const error = loadErrorOf(check, checks, run)
    return error === undefined ? [] : [{ check, tests: [], error }]
  })
  if (faulty.length > 0) {
    const rest = checks.filter(check => !faulty.some(other => other.check === check))
    return inOrder(checks, [...faulty, ...(await replay(rest))])
  }
  // An error may be of a test that not all of them select, such as `test.only`. What does not end is waited for as seldom as possible.
  const parts = run.errors.length > 0 && run.stopped === undefined ? checks.map(check => [check]) : groupsOf(checks)
  if (parts.length > 1) return inOrder(checks, await replayInTurn(parts, replay))
  const [first] = run.errors
  return withError(checks, first ? describedError(first.error) : notInTime)
}

const notInTime = 'its specs did not load in time: look for an endless loop outside of the tests'

/** Until the run is asked to end, or its time is over. */
async function replayInTurn(parts: readonly PlannedCheck[][], replay: Replay): Promise<ReplayedCheck[]> {
  const replayed: ReplayedCheck[] = []
  let ended: string | undefined
  for (const part of parts) {
    replayed.push(...(ended === undefined ? await replay(part) : withError(part, ended)))
    ended ??= replayed.find(({ error }) => error !== undefined && finalReasons.includes(error))?.error
  }
  return replayed
}

function inOrder(checks: readonly PlannedCheck[], replayed: readonly ReplayedCheck[]): ReplayedCheck[] {
  return checks.flatMap(check => replayed.find(other => other.check === check) ?? [])
}

function loadErrorOf(check: PlannedCheck, checks: readonly PlannedCheck[], run: PlaywrightRun): string | undefined {
  const own = faultyFile(check, run)
  if (own) return describedError(own)
  if (checks.length > 1) return undefined
  const [first] = run.errors
  return first ? describedError(first.error) : notInTime
}
