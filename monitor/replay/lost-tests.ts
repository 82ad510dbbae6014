/** Searches for the test before which processes of Playwright end without a result, so that the others get one. */
import type { PlannedTest } from './events.ts'
import type { PlannedCheck } from './plan.ts'
import type { Rest } from './player.ts'
import type { KnownTests, PlaywrightRun } from './playwright-run.ts'
import { isFinal, lostTests } from './remaining-tests.ts'
import { knownTests, type Play, playOn, playRound } from './rounds.ts'
import { unitsOf } from './series.ts'

/** For two tests among a thousand: ten times two for the half with one, and one for the other. */
const mostProcesses = 60
/** So often in turn, both halves may be lost: there may be a test in each for which processes end, and in each of their halves. */
const mostDoubts = 2

/**
 * Plays each half of the lost tests, and the halves of a half that is lost as well. Nothing more where both are, again and again: then
 * it is not some tests for which processes end, but for instance the memory of the machine, or a login before each of them.
 * @param known All tests of the checks. @param lost Those without a result. @param left How many more processes may be started, and
 * whether any has got results. @param doubts How often both halves may be lost from here on.
 */
export async function playHalves(
  checks: readonly PlannedCheck[],
  play: Play,
  known: KnownTests,
  lost: Rest,
  left = { processes: mostProcesses, hasResults: false },
  doubts = mostDoubts,
): Promise<PlaywrightRun[]> {
  const runs: PlaywrightRun[] = []
  const lostAgain: Rest[] = []
  for (const half of halvesOf(known.tests.filter(({ id }) => lost.has(id)))) {
    if (left.processes <= 0 || runs.some(isFinal)) return runs
    const rest = restOfHalf(lost, half)
    const own = knownTests(known, rest)
    const round = await playRound(checks, play, { rest, known: own })
    const played = await playOn(checks, play, own, round)
    runs.push(...played)
    left.processes -= played.length
    const again = lostTests(own.tests, played)
    if (again.size < half.length) left.hasResults = true
    lostAgain.push(
      restOfHalf(
        lost,
        half.filter(({ id }) => again.has(id)),
      ),
    )
  }
  const isDoubtful = lostAgain.every(({ size }) => size > 0)
  if (isDoubtful && doubts === 0) {
    if (!left.hasResults) left.processes = 0
    return runs
  }
  for (const half of lostAgain) {
    if (runs.some(isFinal)) return runs
    runs.push(...(await playHalves(checks, play, known, half, left, isDoubtful ? doubts - 1 : mostDoubts)))
  }
  return runs
}

function restOfHalf(lost: Rest, half: readonly Pick<PlannedTest, 'id'>[]): Rest {
  return new Map(half.map(({ id }) => [id, lost.get(id) ?? 0]))
}

/**
 * Divides a file only if there is no other: to load it may be what ends Playwright. Returns none where there is nothing to divide.
 */
function halvesOf(tests: readonly PlannedTest[]): PlannedTest[][] {
  const files = filesOf(tests)
  const units = files.length > 1 ? files : unitsOf(tests)
  if (units.length < 2) return []
  const most = Math.ceil(tests.length / 2)
  const [first, second]: [PlannedTest[], PlannedTest[]] = [[], []]
  for (const [index, unit] of units.entries()) {
    const fits = index === 0 || first.length + unit.length <= most
    const isOfFirst = fits && second.length === 0 && index < units.length - 1
    if (isOfFirst) first.push(...unit)
    else second.push(...unit)
  }
  return [first, second]
}

function filesOf(tests: readonly PlannedTest[]): PlannedTest[][] {
  const files = new Map<string, PlannedTest[]>()
  for (const test of tests) {
    const file = test.module ?? test.file
    files.set(file, [...(files.get(file) ?? []), test])
  }
  return [...files.values()]
}
