/** Ranks reports by their value: those of failures, passed ones beside a failure, and samples of the rest. Pure. */
import type { Outcome } from '../verdict/finding.ts'

/** The report of one run. */
export interface RankedReport {
  /** In milliseconds since the epoch. */
  writtenAt: number
  /** By the names of the run's checks; undefined if they were not written. */
  outcomes: Readonly<Record<string, Outcome>> | undefined
}

/**
 * Ranks in the order of removal. rest: another report of the same checks is kept for that hour. repeat: a check has failed,
 * as before and after it, and another such report is kept for that hour. beside: the last passed one before a failure of a
 * check, or the first one after it; or the newest of a check, because a failure may follow. failure: a check has failed, or it
 * is the first report of several in which a check had no result.
 */
export type Rank = 'rest' | 'sample' | 'repeat' | 'beside' | 'failure'

export const ranks: readonly Rank[] = ['rest', 'sample', 'repeat', 'beside', 'failure']

const hourMs = 3_600_000

/** Returns the rank of each report. Reports have to be sorted by time, oldest first. */
export function ranksOf(reports: readonly RankedReport[]): Rank[] {
  const found = reports.map(({ outcomes }): Rank => {
    if (!outcomes) return 'failure'
    return hasFailure(outcomes) ? 'repeat' : 'rest'
  })
  const raise = (index: number, rank: Rank) => {
    const known = found[index]
    if (known && ranks.indexOf(known) < ranks.indexOf(rank)) found[index] = rank
  }
  const last = new Map<string, { index: number; outcome: Outcome }>()
  const sampled = new Set<string>()
  reports.forEach(({ outcomes = {} }, index) => {
    for (const [check, outcome] of Object.entries(outcomes)) {
      const before = last.get(check)
      last.set(check, { index, outcome })
      if (before && isGreen(before.outcome) !== isGreen(outcome))
        raise(isGreen(outcome) ? index : before.index, 'beside')
      const hasFailedBefore = before !== undefined && isFailure(before.outcome)
      if (isFailure(outcome) !== hasFailedBefore) raise(hasFailedBefore ? before.index : index, 'failure')
      // Later ones show the same: a check that is never replayed would keep the reports of all runs.
      if (isBlind(outcome) && before?.outcome !== outcome) raise(index, 'failure')
    }
  })
  for (const { index, outcome } of last.values()) raise(index, isFailure(outcome) ? 'failure' : 'beside')
  reports.forEach(({ writtenAt, outcomes = {} }, index) => {
    const failures = Object.keys(outcomes).filter(check => isFailure(outcomes[check] ?? 'unknown'))
    const isRed = failures.length > 0
    const checks = isRed ? failures : Object.keys(outcomes)
    const hour = `${Math.floor(writtenAt / hourMs)} ${isRed} ${checks.sort().join()}`
    if (!sampled.has(hour)) raise(index, isRed ? 'failure' : 'sample')
    sampled.add(hour)
  })
  return found
}

function hasFailure(outcomes: Readonly<Record<string, Outcome>>): boolean {
  return Object.values(outcomes).some(isFailure)
}

function isGreen(outcome: Outcome): boolean {
  return outcome === 'passed' || outcome === 'slow'
}

function isBlind(outcome: Outcome): boolean {
  return outcome === 'unknown' || outcome === 'error'
}

/** A flaky test has failed before it passed, and the report shows why. */
function isFailure(outcome: Outcome): boolean {
  return !isGreen(outcome) && !isBlind(outcome)
}
