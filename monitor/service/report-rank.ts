/** Ranks reports by their value: those of failures, passed ones beside a failure, and a sample of the rest. Pure. */
import type { Outcome } from '../verdict/finding.ts'

/** The report of one run. */
export interface RankedReport {
  /** In milliseconds since the epoch. */
  writtenAt: number
  /** By the names of the run's checks; undefined if they were not written. */
  outcomes: Readonly<Record<string, Outcome>> | undefined
}

/**
 * Ranks in the order of removal. rest: another report of the same checks is kept for that hour. beside: the last passed
 * one before a failure of a check, or the first one after it; or the newest of a check, because a failure may follow.
 */
export type Rank = 'rest' | 'sample' | 'beside' | 'failure'

const hourMs = 3_600_000

/** Returns the rank of each report. Reports have to be sorted by time, oldest first. */
export function ranksOf(reports: readonly RankedReport[]): Rank[] {
  const ranks = reports.map((report): Rank => (isGreen(report) ? 'rest' : 'failure'))
  const raise = (index: number | undefined, rank: Rank) => {
    if (index !== undefined && ranks[index] === 'rest') ranks[index] = rank
  }
  const last = new Map<string, { index: number; green: boolean }>()
  const sampled = new Set<string>()
  reports.forEach(({ outcomes = {} }, index) => {
    for (const [check, outcome] of Object.entries(outcomes)) {
      const green = isGreenOutcome(outcome)
      const before = last.get(check)
      if (before && before.green !== green) raise(green ? index : before.index, 'beside')
      last.set(check, { index, green })
    }
  })
  for (const { index } of last.values()) raise(index, 'beside')
  reports.forEach(({ writtenAt, outcomes = {} }, index) => {
    const hour = `${Math.floor(writtenAt / hourMs)} ${Object.keys(outcomes).sort().join()}`
    if (!sampled.has(hour)) raise(index, 'sample')
    sampled.add(hour)
  })
  return ranks
}

function isGreen({ outcomes }: RankedReport): boolean {
  return outcomes !== undefined && Object.values(outcomes).every(isGreenOutcome)
}

/** A flaky test has failed before it passed, and the report shows why. */
function isGreenOutcome(outcome: Outcome): boolean {
  return outcome === 'passed' || outcome === 'slow'
}
