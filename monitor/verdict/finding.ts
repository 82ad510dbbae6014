/** What the replays of one slot, from one or several locations, say together. */
import type { Policy } from './policy.ts'

/** Of one replay; `error` and `unknown` are our own fault and say nothing of the service. */
export type Outcome = 'passed' | 'flaky' | 'slow' | 'failed' | 'error' | 'unknown'

/** Of a slot. `nothing`: nobody could tell. */
export type Finding = 'good' | 'slow' | 'failed' | 'nothing'

export interface LocatedOutcome {
  readonly location: string
  readonly outcome: Outcome
}

/**
 * Undefined while the outcomes that are still missing could change the answer, unless the slot is `closed`: then those
 * that are missing count as `unknown`. The order of the outcomes does not matter, and none is counted twice.
 */
export function findingOf(
  outcomes: readonly LocatedOutcome[],
  { locations: { count, agree } }: Pick<Policy, 'locations'>,
  closed = false,
): Finding | undefined {
  const findings = [...worstByLocation(outcomes).values()]
  const number = (wanted: Finding) => findings.filter(finding => finding === wanted).length
  const [failed, slow, good] = [number('failed'), number('slow'), number('good')]
  const missing = closed ? 0 : Math.max(0, count - findings.length)
  if (failed >= agree) return 'failed'
  if (failed + missing >= agree) return undefined
  if (failed + slow >= agree) return 'slow'
  if (failed + slow + missing >= agree) return undefined
  // A minority that fails is outvoted only by somebody who has seen it work.
  if (good > 0) return 'good'
  return missing > 0 ? undefined : 'nothing'
}

const findings: Record<Outcome, Finding> = {
  passed: 'good',
  flaky: 'good',
  slow: 'slow',
  failed: 'failed',
  error: 'nothing',
  unknown: 'nothing',
}
const severity: Record<Finding, number> = { nothing: 0, good: 1, slow: 2, failed: 3 }

function worstByLocation(outcomes: readonly LocatedOutcome[]): Map<string, Finding> {
  const worst = new Map<string, Finding>()
  for (const { location, outcome } of outcomes) {
    const [finding, known] = [findings[outcome], worst.get(location)]
    if (known === undefined || severity[finding] > severity[known]) worst.set(location, finding)
  }
  return worst
}
