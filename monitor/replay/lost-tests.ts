/** Searches for the test before which processes of Playwright end without a result, so that the others get one. */
import type { PlannedTest } from './events.ts'
import type { PlannedCheck } from './plan.ts'
import type { PlaywrightRun } from './playwright-run.ts'
import { endedAttempts, isDeadly, isExplained, isFinal } from './remaining-tests.ts'
import { knownTests, type Play, playOn, playRound } from './rounds.ts'

/** For one test among a thousand: ten times two for the half with it, and one for the other. */
export const mostOfHalves = 30

/**
 * Plays each half of the lost tests, and the halves of a half that is lost as well. Nothing more where both are: then it is not one
 * test for which processes end, but for instance the memory of the machine.
 * @param left How many more may be started.
 */
export async function playHalves(
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
export function lostTests(runs: readonly PlaywrightRun[], among?: readonly string[]): string[] {
  const last = runs.at(-1)
  const hasEnded = (run: PlaywrightRun) => run.stopped === 'died' && run.underWay.length === 0
  const { tests = [] } = runs[0] ?? {}
  if (!last || !hasEnded(last) || isExplained(last, runs) || tests.some(({ checks }) => checks.length === 0)) return []
  const open = tests.filter(({ id }) => endedAttempts(runs, id).length === 0 && !isDeadly(id, runs)).map(({ id }) => id)
  return open.filter(id => among?.includes(id) ?? true)
}
