/** Plays tests in processes of Playwright, one after the other and beside each other, until nothing is left that can be tried. */
import type { PlannedCheck } from './plan.ts'
import type { Rest, Turn } from './player.ts'
import type { KnownTests, PlaywrightRun } from './playwright-run.ts'
import { isExplained, isFinal, restOf, suspectsOf } from './remaining-tests.ts'

/** Starts one process. */
export type Play = (checks: readonly PlannedCheck[], turn: Turn) => Promise<PlaywrightRun>

/**
 * Goes on after a first round. Another file than that of the test that ran may be why a process ended: that test is tried again
 * without other files, and these follow.
 * @param known The tests of that round.
 */
export async function playOn(
  checks: readonly PlannedCheck[],
  play: Play,
  known: KnownTests,
  first: readonly PlaywrightRun[],
): Promise<PlaywrightRun[]> {
  let round = first
  const runs = [...round]
  let putOff: Rest = new Map()
  const due = (): Rest => (runs.some(isFinal) ? new Map() : new Map([...putOff, ...restOf(known.tests, runs, round)]))
  // One more for each retry, and one after a stop that is not explained.
  let left = 1 + Math.max(...checks.map(({ retries }) => retries))
  for (let all = due(); all.size > 0 && left > 0; all = due()) {
    if (putOff.size === 0 && !round.some(run => run.stopped !== undefined && isExplained(run, runs))) left--
    const rest = suspectsOf(all, known.tests, round)
    // Of tests that were put off, a failure may be presumed.
    const isAfterOutage =
      runs.some(({ stopped }) => stopped === 'unreachable') && ![...rest.keys()].some(id => putOff.has(id))
    putOff = new Map([...all].filter(([id]) => !rest.has(id)))
    const workers = workersFor(rest, round)
    round = await playRound(checks, play, {
      ...{ rest, known: knownTests(known, rest), isAfterOutage },
      ...(workers !== undefined && { workers }),
    })
    runs.push(...round)
  }
  return runs
}

/** Undefined: those of the environment. @param round The processes before. */
function workersFor(rest: Rest, round: readonly PlaywrightRun[]): number | undefined {
  // One after the other, to find which of them ends Playwright.
  if (round.some(({ underWay }) => underWay.filter(id => rest.has(id)).length > 1)) return 1
  // What has hung may hang again.
  return round.length > 1 ? moreWorkers(rest.size, rest.size) : undefined
}

/** One process, and beside it others for the tests that would wait there behind those that hang. */
export async function playRound(
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
  const tests = run.tests ?? []
  const retries = [...restOf(tests, [run], [run])].map(([id, tried]): [string, number] => {
    return [id, tried + (turn.rest?.get(id) ?? 0)]
  })
  const rest = new Map(retries)
  return rest.size > 0
    ? playRound(checks, play, { ...turn, rest, known: knownTests({ tests, projects: run.projects }, rest) })
    : []
}

/** Those that a further process is to try. */
export function knownTests({ tests, projects }: KnownTests, rest: Rest): KnownTests {
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
