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
 * failure: a check has failed, or it is the first report of several in which a check had no result.
 */
export type Rank = 'rest' | 'sample' | 'beside' | 'failure'

const hourMs = 3_600_000

/** Returns the rank of each report. Reports have to be sorted by time, oldest first. */
export function ranksOf(reports: readonly RankedReport[]): Rank[] {
  const ranks = reports.map(({ outcomes }): Rank => (!outcomes || hasFailure(outcomes) ? 'failure' : 'rest'))
  const raise = (index: number, rank: Rank) => {
    const known = ranks[index]
    if (known === 'rest' || (known === 'beside' && rank === 'failure')) ranks[index] = rank
  }
  const last = new Map<string, { index: number; outcome: Outcome }>()
  const sampled = new Set<string>()
  reports.forEach(({ outcomes = {} }, index) => {
    for (const [check, outcome] of Object.entries(outcomes)) {
      const before = last.get(check)
      last.set(check, { index, outcome })
      if (before && isGreen(before.outcome) !== isGreen(outcome))
        raise(isGreen(outcome) ? index : before.index, 'beside')
      // Later ones show the same: a check that is never replayed would keep the reports of all runs.
      if (isBlind(outcome) && before?.outcome !== outcome) raise(index, 'failure')
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

/** A flaky test has failed before it passed, and the report shows why. */
function hasFailure(outcomes: Readonly<Record<string, Outcome>>): boolean {
  return Object.values(outcomes).some(outcome => !isGreen(outcome) && !isBlind(outcome))
}

function isGreen(outcome: Outcome): boolean {
  return outcome === 'passed' || outcome === 'slow'
}

function isBlind(outcome: Outcome): boolean {
  return outcome === 'unknown' || outcome === 'error'
}
