/** Searches a `slowAbove` that fits how long the requests of a check have taken. Pure. */
import { findingOf, type LocatedOutcome } from './finding.ts'
import type { Policy } from './policy.ts'
import { judge } from './verdict.ts'

export interface MeasuredOutcome extends LocatedOutcome {
  /** How long its slowest request took; absent: not known. */
  slowestMs?: number
}

export interface SlowPast {
  /** In the order of their due times. */
  slots: readonly { due: number; outcomes: readonly MeasuredOutcome[] }[]
  policy: Policy
  /** In force; absent: none. */
  slowAboveMs?: number
}

export interface SlowAdvice {
  /** Replays that passed or were slow, and whose slowest request is known. */
  measured: number
  /** In 99 % of them the slowest request took at most this. */
  p99Ms: number
  /** By the value in force. */
  slow: number
  degraded: number
  suggestions: SlowSuggestion[]
}

interface SlowSuggestion {
  slowAboveMs: number
  /** How many of the measured replays would have been slow. */
  slow: number
  /** How often slowness alone would have made the check degraded. */
  degraded: number
}

/** Below this nothing is suggested. */
const leastMeasured = 100

/** Undefined if too few replays were measured. */
export function adviseSlow({ slots, policy, slowAboveMs }: SlowPast): SlowAdvice | undefined {
  const slowest = slots
    .flatMap(({ outcomes }) => outcomes)
    .flatMap(({ outcome, slowestMs }) => (isMeasured(outcome) && slowestMs !== undefined ? [slowestMs] : []))
    .sort((a, b) => a - b)
  if (slowest.length < leastMeasured) return undefined
  const p99Ms = slowest[Math.ceil(slowest.length * 0.99) - 1] ?? 0
  const withoutSlow = degradedTimes(slots, policy, Number.POSITIVE_INFINITY)
  const result = (limit: number): SlowSuggestion => ({
    slowAboveMs: limit,
    slow: slowest.filter(ms => ms > limit).length,
    degraded: Math.max(0, degradedTimes(slots, policy, limit) - withoutSlow),
  })
  const now = slowAboveMs === undefined ? { slow: 0, degraded: 0 } : result(slowAboveMs)
  const limits = [...new Set([p99Ms, 1.5 * p99Ms, 2.5 * p99Ms].map(rounded))].filter(limit => limit !== slowAboveMs)
  const found = limits.map(result)
  const calm = found.find(({ degraded }) => degraded === 0) ?? found.at(-1)
  // With one in force only a calmer one is an improvement; what is lower is a matter of taste.
  const isBetter = calm && (slowAboveMs === undefined || calm.degraded < now.degraded)
  return {
    measured: slowest.length,
    p99Ms,
    slow: now.slow,
    degraded: now.degraded,
    suggestions: isBetter ? [calm] : [],
  }
}

/** What is flaky, failed or without evidence stays so, however slow it was. */
const isMeasured = (outcome: LocatedOutcome['outcome']) => outcome === 'passed' || outcome === 'slow'

function degradedTimes(slots: SlowPast['slots'], policy: Policy, limit: number): number {
  const judged = slots.map(({ due, outcomes }) => {
    const judgedAnew = outcomes.map((measured): LocatedOutcome => {
      const { location, outcome, slowestMs } = measured
      if (!isMeasured(outcome)) return measured
      return { location, outcome: slowestMs !== undefined && slowestMs > limit ? 'slow' : 'passed' }
    })
    return { due, finding: findingOf(judgedAnew, policy, true) ?? ('nothing' as const) }
  })
  return judge(policy, judged).transitions.filter(change => change.kind === 'state' && change.to === 'degraded').length
}

/** Up to the next round number, such as 750 or 1500. */
function rounded(ms: number): number {
  const power = 10 ** Math.floor(Math.log10(Math.max(ms, 1)))
  return ([1, 1.5, 2, 3, 5, 7.5, 10].find(factor => factor * power >= ms) ?? 10) * power
}
