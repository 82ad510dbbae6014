/** Replays checks against one environment, in as few processes as the faults of their specs allow. */
import { type Fault, sentence, shown } from '../config/fault.ts'
import { suggestion } from '../config/nearest.ts'
import type { ErrorPlace, PlannedTest } from './events.ts'
import { type Attempt, attemptVerdict } from './outcome.ts'
import type { PlannedCheck } from './plan.ts'
import type { Rest, Turn } from './player.ts'
import { type KnownTests, type PlaywrightRun, type Stop, unreachableAttempt } from './playwright-run.ts'
import { failsWithBaseURL, failsWithDependency } from './presumption.ts'

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

/** Starts one process. */
export type Play = (checks: readonly PlannedCheck[], turn: Turn) => Promise<PlaywrightRun>

/**
 * Where files cannot be loaded, their checks are left out, or all are tried one by one. After a test that never ends, or
 * ends Playwright, what had not ended starts again; after a stop without a result, also by what other tests depend on, once. Processes
 * that end twice before a test has begun are started with a part of the tests, to find the one for which they do. Failed tests that
 * Playwright itself has not tried again are tried in a further process.
 */
export async function replayChecks(checks: readonly PlannedCheck[], play: Play): Promise<ReplayedCheck[]> {
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
    return replayLoadable(checks, run, play)
  }
  const first = await playOn(checks, play, run, round)
  const runs = [...first, ...(await playHalves(checks, play, run, lostTests(first), { processes: mostOfHalves }))]
  return checks.map(check => {
    const faults = missingProjects(check, run)
    if (faults.length > 0) return { check, tests: [], error: faults.map(sentence).join('\n'), faults }
    return replayedCheck(check, checks, runs)
  })
}

/** Goes on after a first round, with these tests or all. @param run The first process, which has loaded all tests. */
async function playOn(
  checks: readonly PlannedCheck[],
  play: Play,
  run: PlaywrightRun,
  first: readonly PlaywrightRun[],
  among?: readonly string[],
): Promise<PlaywrightRun[]> {
  let round = first
  const runs = [...round]
  const restOfThese = () => new Map([...restOf(runs, round)].filter(([id]) => among?.includes(id) ?? true))
  // One more for each retry, and one after a stop that is not explained.
  let left = 1 + Math.max(...checks.map(({ retries }) => retries))
  for (let rest = restOfThese(); rest.size > 0 && left > 0; rest = restOfThese()) {
    if (!round.some(run => run.stopped !== undefined && isExplained(run, runs))) left--
    // What has hung may hang again.
    const hung = round.length > 1
    const isAfterOutage = runs.some(({ stopped }) => stopped === 'unreachable')
    const workers = hung ? { workers: moreWorkers(rest.size, rest.size) } : {}
    round = await playRound(checks, play, { rest, known: knownTests(run, rest), isAfterOutage, ...workers })
    runs.push(...round)
  }
  return runs
}

/** For one test among a thousand: ten times two for the half with it, and one for the other. */
const mostOfHalves = 30

/**
 * Plays each half of the lost tests, and the halves of a half that is lost as well. Nothing more where both are: then it is not one
 * test for which processes end, but for instance the memory of the machine.
 * @param left How many more may be started.
 */
async function playHalves(
  checks: readonly PlannedCheck[],
  play: Play,
  run: PlaywrightRun,
  lost: readonly string[],
  left: { processes: number },
): Promise<PlaywrightRun[]> {
  const runs: PlaywrightRun[] = []
  const lostAgain: (readonly string[])[] = []
  for (const half of halvesOf(lost, run)) {
    if (left.processes <= 0 || runs.some(isFinal)) return runs
    const rest = new Map(half.map(id => [id, 0]))
    const round = await playRound(checks, play, { rest, known: knownTests(run, rest) })
    const own = await playOn(checks, play, run, round, half)
    runs.push(...own)
    left.processes -= own.length
    lostAgain.push(lostTests(own, half))
  }
  if (lostAgain.every(({ length }) => length > 0)) return runs
  for (const half of lostAgain) {
    if (runs.some(isFinal)) return runs
    runs.push(...(await playHalves(checks, play, run, half, left)))
  }
  return runs
}

/** A serial suite is not divided: its tests need those before them. None where there is nothing to divide. */
function halvesOf(lost: readonly string[], { tests = [] }: PlaywrightRun): string[][] {
  const [wanted, parts] = [new Set(lost), [] as string[][]]
  let before: PlannedTest | undefined
  for (const test of tests.filter(({ id }) => wanted.has(id))) {
    const isInSeries = before && !before.isIndependent && !test.isIndependent && before.file === test.file
    const part = isInSeries ? parts.at(-1) : undefined
    if (part) part.push(test.id)
    else parts.push([test.id])
    before = test
  }
  if (parts.length < 2) return []
  const [first, second]: [string[], string[]] = [[], []]
  for (const [index, part] of parts.entries()) {
    const fits = index === 0 || first.length + part.length <= Math.ceil(lost.length / 2)
    const isOfFirst = fits && second.length === 0 && index < parts.length - 1
    if (isOfFirst) first.push(...part)
    else second.push(...part)
  }
  return [first, second]
}

/** The tests of which no process has a result, where processes have ended before one had begun, and not for what others depend on. */
function lostTests(runs: readonly PlaywrightRun[], among?: readonly string[]): string[] {
  const last = runs.at(-1)
  const hasEnded = (run: PlaywrightRun) => run.stopped === 'died' && run.underWay.length === 0
  const { tests = [] } = runs[0] ?? {}
  if (!last || !hasEnded(last) || isExplained(last, runs) || tests.some(({ checks }) => checks.length === 0)) return []
  const open = tests.filter(({ id }) => endedAttempts(runs, id).length === 0 && !isDeadly(id, runs)).map(({ id }) => id)
  return open.filter(id => among?.includes(id) ?? true)
}

/** One process, and beside it others for the tests that would wait there behind those that hang. */
async function playRound(
  checks: readonly PlannedCheck[],
  play: Play,
  turn: Turn = {},
): Promise<[PlaywrightRun, ...PlaywrightRun[]]> {
  let beside: Promise<PlaywrightRun[]> | undefined
  const run = await play(checks, {
    ...turn,
    onWaiting: known => {
      const rest = new Map(known.tests.map(({ id }) => [id, turn.rest?.get(id) ?? 0]))
      const workers = moreWorkers(4 * (turn.workers ?? 2), rest.size)
      beside = playRound(checks, play, { ...turn, rest, known, workers })
      // Reported when it is waited for.
      beside.catch(() => undefined)
    },
  })
  const again = run.isHandedOver ? await playRetries(checks, play, turn, run) : []
  return [run, ...again, ...((await beside) ?? [])]
}

/** The retries that a process has left to others, while these go on. */
async function playRetries(
  checks: readonly PlannedCheck[],
  play: Play,
  turn: Turn,
  run: PlaywrightRun,
): Promise<PlaywrightRun[]> {
  const retries = [...restOf([run], [run])].map(([id, tried]): [string, number] => {
    return [id, tried + (turn.rest?.get(id) ?? 0)]
  })
  const rest = new Map(retries)
  return rest.size > 0 ? playRound(checks, play, { ...turn, rest, known: knownTests(run, rest) }) : []
}

function knownTests({ tests = [], projects }: Pick<PlaywrightRun, 'tests' | 'projects'>, rest: Rest): KnownTests {
  return { tests: tests.filter(({ id }) => rest.has(id)), projects }
}

/** Tests that hang take no processor time: there may be as many as there is memory for. */
function moreWorkers(wanted: number, tests: number): number {
  const affordable = Math.floor(process.availableMemory() / memoryOfWorker)
  return Math.max(1, Math.min(tests, wanted, affordable, mostWorkers))
}

/** In bytes, with a browser's share. */
const memoryOfWorker = 400e6
/** To start one takes about a second of processor time. */
const mostWorkers = 32

async function replayLoadable(
  checks: readonly PlannedCheck[],
  run: PlaywrightRun,
  play: Play,
): Promise<ReplayedCheck[]> {
  const faulty = checks.map(check => ({ check, tests: [], error: loadErrorOf(check, checks, run) }))
  const failed = faulty.filter(({ error }) => error !== undefined)
  if (failed.length === 0) {
    // Whose fault it is shows when each is alone.
    const replayed: ReplayedCheck[] = []
    let ended: string | undefined
    for (const check of checks) {
      const [own] = ended === undefined ? await replayChecks([check], play) : [{ check, tests: [], error: ended }]
      if (own?.error !== undefined && finalReasons.includes(own.error)) ended = own.error
      if (own) replayed.push(own)
    }
    return replayed
  }
  const rest = checks.filter(check => !failed.some(other => other.check === check))
  const replayed = await replayChecks(rest, play)
  return faulty.map(({ check, error }) => {
    return replayed.find(other => other.check === check) ?? { check, tests: [], error: error ?? '' }
  })
}

function loadErrorOf(check: PlannedCheck, checks: readonly PlannedCheck[], run: PlaywrightRun): string | undefined {
  // Not even Playwright's configuration was read: nothing depends on who is in the run.
  if (run.errors.length === 0 && run.stopped === 'died') return `Playwright does not start: ${run.lastWords}`
  const own = faultyFile(check, run)
  if (own) return described(own)
  if (checks.length > 1) return undefined
  const [first] = run.errors
  return first
    ? described(first.error)
    : 'its specs did not load in time: look for an endless loop outside of the tests'
}

/** What is wrong with a file of the check's. */
function faultyFile({ files }: PlannedCheck, run: PlaywrightRun): ErrorPlace | undefined {
  return run.errors.find(({ error: { file } }) => file !== undefined && files?.some(name => endsWith(name, file)))
    ?.error
}

/** What has to be tried after these processes, and how often it has been. @param round The last of them. */
function restOf(runs: readonly PlaywrightRun[], round: readonly PlaywrightRun[]): Rest {
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
function isExplained(run: PlaywrightRun, runs: readonly PlaywrightRun[]): boolean {
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
function isDeadly(id: string, runs: readonly PlaywrightRun[]): boolean {
  return runs.filter(({ underWay }) => underWay.includes(id)).length > 1
}

const interrupted = 'interrupted: the run was stopped'
const tooLate = 'the time of the run was over'
const finalReasons = [interrupted, tooLate]

/** After these nothing more is tried. */
const finalStops: readonly Stop[] = ['asked', 'late']
const isFinal = ({ stopped }: PlaywrightRun) => stopped !== undefined && finalStops.includes(stopped)

function replayedCheck(
  check: PlannedCheck,
  checks: readonly PlannedCheck[],
  runs: readonly PlaywrightRun[],
): ReplayedCheck {
  const untried = untriedReason(runs)
  const absence = runs.find(run => run.absence !== undefined)?.absence
  // A process that had not loaded the tests which it was to take over has no results of them.
  const inherited = absence === undefined ? failedDependency(runs) : unreachableAttempt(absence)
  const isPresumed = absence === undefined ? failsWithDependency : failsWithBaseURL
  const tests = (runs[0]?.tests ?? [])
    .filter(({ checks }) => checks.includes(check.check))
    .map(planned => {
      const attempts = runs.flatMap(run => run.attempts.get(planned.id) ?? [])
      return {
        planned,
        attempts: attempts.length === 0 && inherited && isPresumed(planned, checks) ? [inherited] : attempts,
        untried: isDeadly(planned.id, runs) ? 'Playwright ended twice while it ran' : untried,
      }
    })
  const error = runs.flatMap(run => run.errors).find(({ checks }) => checks.includes(check.check))
  return { check, tests, ...(error && { error: described(error.error) }) }
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

function untriedReason(runs: readonly PlaywrightRun[]): string {
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

function endedAttempts(runs: readonly PlaywrightRun[], id: string): Attempt[] {
  return runs.flatMap(run => run.attempts.get(id) ?? []).filter(({ status }) => status !== 'interrupted')
}

function missingProjects({ check, projects }: PlannedCheck, run: PlaywrightRun): Fault[] {
  if (run.projects.length === 0) return []
  return projects.flatMap((name, index) => {
    if (run.projects.includes(name)) return []
    const path = `checks.${check}.project${projects.length === 1 ? '' : `[${index}]`}`
    const remedy = `there is no such project in Playwright's config; ${suggestion(name, run.projects)}`
    return [{ path, value: shown(name, []), remedy }]
  })
}

function described({ message, file, line }: ErrorPlace): string {
  return file === undefined || message.includes(file) ? message : `${message}\n    at ${file}:${line}`
}

/** The place of an error is relative to a folder that is not known here. */
function endsWith(absolute: string, relative: string): boolean {
  const name = relative.replace(/^(\.\.\/)+/, '')
  return absolute.split('\\').join('/').endsWith(`/${name}`)
}
