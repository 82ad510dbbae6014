/** Replays what can be replayed of checks whose spec files could not be loaded together. */
import type { ErrorPlace } from './events.ts'
import type { PlannedCheck } from './plan.ts'
import type { PlaywrightRun } from './playwright-run.ts'
import { describedError, finalReasons, type ReplayedCheck } from './replayed-check.ts'

/** Replays some of the checks, as if they were all. */
type Replay = (checks: readonly PlannedCheck[]) => Promise<ReplayedCheck[]>

/** How often Playwright may end while it loads specs: for three files among a thousand. A file that all specs import may do that. */
export const mostEndings = 30

/**
 * Which checks have files that cannot be loaded shows by their errors; else it is searched for.
 * @param run The process that could not load them. @param left How many more may end while they load specs.
 */
export function replayLoadable(
  checks: readonly PlannedCheck[],
  run: PlaywrightRun,
  replay: Replay,
  left: { endings: number },
): Promise<ReplayedCheck[]> {
  if (run.errors.length === 0 && run.stopped === 'died') {
    if (run.hasStarted) return replayApart(checks, run, replay, left)
    // Not even Playwright's configuration was read: nothing depends on which checks are in the run.
    return Promise.resolve(withError(checks, `Playwright does not start: ${run.lastWords}`))
  }
  return replayWithoutFaulty(checks, run, replay)
}

const withError = (checks: readonly PlannedCheck[], error: string) => checks.map(check => ({ check, tests: [], error }))

/**
 * A file has ended Playwright when it was loaded: each half of the checks is replayed, as far as they load other files. What else
 * ends it before a test, such as `globalSetup`, looks the same.
 */
async function replayApart(
  checks: readonly PlannedCheck[],
  run: PlaywrightRun,
  replay: Replay,
  left: { endings: number },
): Promise<ReplayedCheck[]> {
  left.endings--
  const halves = halvesOf(checks)
  if (halves.length > 0 && left.endings > 0) return inOrder(checks, await replayInTurn(halves, replay))
  const why =
    'Playwright ended while it loaded the specs, or in globalSetup: look for process.exit() outside of the tests'
  return withError(checks, run.lastWords === '' ? why : `${why}: ${run.lastWords}`)
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
  const parts = run.errors.length > 0 ? checks.map(check => [check]) : groupsOf(checks)
  return parts.length > 1 ? inOrder(checks, await replayInTurn(parts, replay)) : withError(checks, notInTime)
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
