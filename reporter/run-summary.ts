/** Computes what is worth knowing of a run beside its failures, and what is new in it. Pure. */
import { byName, type RecordedRun, type RecordedTest, together } from './recorded-tests.ts'
import type { PastRun } from './run-history.ts'

export interface RunSummary {
  run: RecordedRun
  /** At most 20, the slowest first. */
  slowest: readonly RecordedTest[]
  /** At most 10, those with most statements first. */
  mostStatements: readonly RecordedTest[]
  /** Over the runs that are kept and this one, those that deserve a look; at most 20. */
  unsteady: readonly UnsteadyTest[]
  /** How many earlier runs were kept. */
  pastRuns: number
  /** Undefined if no run was green before. */
  sinceGreen: Changes | undefined
}

export interface UnsteadyTest {
  name: string
  runs: number
  flaky: number
  failed: number
  /** In milliseconds. */
  medianMs: number
  slowestMs: number
}

export interface Changes {
  /** When the last green run of these tests began. */
  greenAt: string
  failing: readonly string[]
  flaky: readonly string[]
  slower: readonly { name: string; beforeMs: number; nowMs: number }[]
  added: readonly string[]
}

/** A test is slower if it takes twice the median of the green runs, and this much more, in milliseconds. */
const noticeableMs = 250

export function summarize(run: RecordedRun, past: readonly PastRun[]): RunSummary {
  const ran = run.tests.filter(({ outcome }) => outcome !== 'skipped')
  return {
    run,
    slowest: ran.toSorted((one, other) => other.durationMs - one.durationMs).slice(0, 20),
    mostStatements: ran
      .filter(({ totals }) => totals !== undefined && totals.statements > 0)
      .toSorted((one, other) => (other.totals?.statements ?? 0) - (one.totals?.statements ?? 0))
      .slice(0, 10),
    unsteady: unsteadyTests(ran, past),
    pastRuns: past.length,
    sinceGreen: changesSince(together(ran), past),
  }
}

function unsteadyTests(ran: readonly RecordedTest[], past: readonly PastRun[]): UnsteadyTest[] {
  return (
    [...byName(ran)]
      .map(([name, repetitions]) => {
        const before = past.flatMap(({ tests }) => (tests[name] ? [tests[name]] : []))
        const all = [...before, ...repetitions.map(({ outcome, durationMs }) => [outcome, durationMs] as const)].filter(
          ([one]) => one !== 'skipped',
        )
        const times = all.map(([, ms]) => ms)
        const count = (wanted: string) => all.filter(([one]) => one === wanted).length
        return {
          name,
          runs: all.length,
          flaky: count('flaky'),
          failed: count('failed'),
          medianMs: median(times),
          slowestMs: Math.max(...times),
        }
      })
      // What fails in every run is no news of unsteadiness.
      .filter(({ flaky, failed, runs }) => flaky > 0 || (failed > 0 && failed < runs))
      .sort((one, other) => other.flaky + other.failed - (one.flaky + one.failed))
      .slice(0, 20)
  )
}

/** Compared with the last run in which none of these tests failed and which had one of them at least. */
function changesSince(ran: readonly RecordedTest[], past: readonly PastRun[]): Changes | undefined {
  const green = past.filter(({ tests }) => {
    const known = ran.flatMap(({ name }) => (tests[name] ? [tests[name]] : []))
    return known.length > 0 && Object.values(tests).every(([outcome]) => outcome !== 'failed')
  })
  const last = green.at(-1)
  if (!last) return undefined
  // A run may have been one of a few tests.
  const isKnown = ({ name }: RecordedTest) => past.some(({ tests }) => tests[name] !== undefined)
  const beforeMs = ({ name }: RecordedTest) => {
    const times = green.flatMap(({ tests }) => (tests[name] ? [tests[name]] : [])).slice(-5)
    return median(times.map(([, ms]) => ms))
  }
  return {
    greenAt: last.startedAt,
    failing: ran.filter(({ outcome }) => outcome === 'failed').map(({ name }) => name),
    flaky: ran
      .filter(({ name, outcome }) => outcome === 'flaky' && last.tests[name]?.[0] !== 'flaky')
      .map(({ name }) => name),
    slower: ran
      .filter(({ name, outcome }) => outcome === 'passed' && green.some(({ tests }) => tests[name] !== undefined))
      .map(test => ({ name: test.name, beforeMs: beforeMs(test), nowMs: test.durationMs }))
      .filter(({ beforeMs, nowMs }) => nowMs > 2 * beforeMs && nowMs - beforeMs > noticeableMs),
    added: ran.filter(test => !isKnown(test)).map(({ name }) => name),
  }
}

/** Of at least one number. */
function median(numbers: readonly number[]): number {
  const sorted = numbers.toSorted((one, other) => one - other)
  const middle = sorted.length >> 1
  const [upper = 0, lower = 0] = [sorted[middle], sorted[middle - 1]]
  return sorted.length % 2 === 1 ? upper : (upper + lower) / 2
}
