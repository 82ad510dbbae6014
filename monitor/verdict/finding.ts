/** Finding: what the replays of one slot, from one or several locations, show together. */
import type { Policy } from './policy.ts'

/** Of one replay. `error`: a fault of the monitor or its machine. `unknown`: not run to its end. Both show nothing of the service. */
export type Outcome = 'passed' | 'flaky' | 'slow' | 'failed' | 'error' | 'unknown'

/** Of a slot. `flaky`: good, but only on a retry. `nothing`: no evidence. */
export type Finding = 'good' | 'flaky' | 'slow' | 'failed' | 'nothing'

export interface LocatedOutcome {
  readonly location: string
  readonly outcome: Outcome
}

/**
 * Returns undefined while missing outcomes could still change the finding, unless the slot is `closed`: then missing
 * outcomes count as `unknown`. Independent of the order of the outcomes; several outcomes of one location count as the
 * worst of them.
 */
export function findingOf(
  outcomes: readonly LocatedOutcome[],
  { locations: { count, agree } }: Pick<Policy, 'locations'>,
  closed = false,
): Finding | undefined {
  const findings = [...worstByLocation(outcomes).values()]
  const number = (wanted: Finding) => findings.filter(finding => finding === wanted).length
  const [failed, slow, flaky, good] = [number('failed'), number('slow'), number('flaky'), number('good')]
  const missing = closed ? 0 : Math.max(0, count - findings.length)
  if (failed >= agree) return 'failed'
  if (failed + missing >= agree) return undefined
  if (failed + slow >= agree) return 'slow'
  if (failed + slow + missing >= agree) return undefined
  // A failing minority is outvoted only if a location has seen the service work.
  if (good > 0) return 'good'
  if (flaky > 0) return missing > 0 ? undefined : 'flaky'
  return missing > 0 ? undefined : 'nothing'
}

const findings: Record<Outcome, Finding> = {
  passed: 'good',
  flaky: 'flaky',
  slow: 'slow',
  failed: 'failed',
  error: 'nothing',
  unknown: 'nothing',
}
const severity: Record<Finding, number> = { nothing: 0, good: 1, flaky: 2, slow: 3, failed: 4 }

function worstByLocation(outcomes: readonly LocatedOutcome[]): Map<string, Finding> {
  const worst = new Map<string, Finding>()
  for (const { location, outcome } of outcomes) {
    const [finding, known] = [findings[outcome], worst.get(location)]
    if (known === undefined || severity[finding] > severity[known]) worst.set(location, finding)
  }
  return worst
}
