/** Judges the outcome of a replay from its attempts. Pure. */
import type { Outcome } from '../verdict/finding.ts'
import type { AttemptEnd } from './events.ts'

export interface Attempt extends AttemptEnd {
  /** The environment's `onlineProbe` did not answer when it failed. */
  offline?: boolean
}

/** A test that belongs to a check, and what came of it. */
export interface ReplayedTest {
  attempts: readonly Attempt[]
  /** Why it has no attempt, or none that ended. */
  untried?: string
}

export interface ExplainedOutcome {
  outcome: Outcome
  /** Why it has this outcome; absent where that is obvious. */
  reason?: string
}

/** It is not known whether it wrote, and nothing was cleaned up after it. */
const unguarded =
  'it does not import `test` from Reprise, so that nothing named its requests, guarded its writes or removed what they created: import it from there, or from your own file that extends it'

/** The settings of a check by which its specs are judged. */
export interface Judging {
  slowAboveMs?: number
  /** What a spec that passes must have done; `requests`: it asserts by other means than `expect` or a response. */
  evidence: 'expect' | 'requests'
}

/** `doubt`: why it is left out only if another spec of its check shows how the service is. */
export type SpecVerdict = ExplainedOutcome | { notReplayable: string; doubt?: string }

/** Those of the specs of a check. */
export function specVerdicts(tests: readonly ReplayedTest[], judging: Judging): SpecVerdict[] {
  const verdicts = tests.map(test => specVerdict(test, judging))
  const isShown = verdicts.some(verdict => 'outcome' in verdict && !/^(?:error|unknown)$/.test(verdict.outcome))
  return verdicts.map(verdict => {
    if (!('doubt' in verdict)) return verdict
    const { notReplayable, doubt } = verdict
    return isShown ? { notReplayable } : { outcome: 'unknown', reason: doubt }
  })
}

export function specVerdict({ attempts, untried }: ReplayedTest, { slowAboveMs, evidence }: Judging): SpecVerdict {
  const ended = attempts.filter(({ status }) => status !== 'interrupted')
  const last = ended.at(-1)
  const hasFailed = ended.some(attempt => attemptVerdict(attempt).outcome === 'failed')
  if (!last) return { outcome: 'unknown', reason: untried ?? 'it was interrupted' }
  if (last.log?.notReplayable !== undefined) return { notReplayable: last.log.notReplayable }
  // A retry that shows nothing of the service, or skips itself, does not take back that it has failed.
  if (hasFailed && last.status !== 'passed') return { outcome: 'failed' }
  if (last.status === 'skipped') {
    if (last.skipReason !== undefined) {
      const reason = `is skipped: ${last.skipReason}`
      // What it had found by then may be why.
      if (last.log?.sent || last.isSkippedAfterRequests)
        return { outcome: 'unknown', reason: `${reason}, after requests were sent` }
      if (!last.log?.sentBefore) return { notReplayable: reason }
      const doubt = `${reason}, after requests were sent by a hook or a test before it, and no other test of the check shows how the service is`
      return { notReplayable: reason, doubt }
    }
    return { outcome: 'unknown', reason: 'a test before it failed' }
  }
  const verdict = attemptVerdict(last)
  if (verdict.outcome !== 'passed') return verdict
  if (!last.log) return { outcome: 'error', reason: unguarded }
  const missing = missingEvidence(last, evidence)
  if (missing !== undefined) return { outcome: 'unknown', reason: `no evidence: ${missing}` }
  // An attempt that shows nothing of the service, as on an overloaded machine, does not make it flaky.
  if (hasFailed) return { outcome: 'flaky' }
  const slow = slowAboveMs !== undefined && last.log?.requests.find(({ totalMs }) => totalMs > slowAboveMs)
  if (slow) {
    if (last.log.overload !== undefined) return { outcome: 'error', reason: last.log.overload }
    const took = `took ${Math.round(slow.totalMs)} ms, more than ${slowAboveMs} ms`
    return { outcome: 'slow', reason: `${slow.method} ${slow.url} ${took}` }
  }
  return { outcome: 'passed' }
}

/** What a spec that has passed lacks to be evidence about the service. */
function missingEvidence({ log, expects }: Attempt, evidence: Judging['evidence']): string | undefined {
  if (log && log.sent + log.sentBefore === 0) return 'it sent nothing to the environment'
  if (evidence === 'requests') return undefined
  if (log && log.answered + log.answeredBefore === 0)
    return "none of its requests to the environment was answered before its end; is one not awaited, or its error caught? If it checks that requests are refused, write evidence: 'requests' in its check"
  if (expects > 0) return undefined
  return "it evaluated no `expect`; if it asserts by other means, write evidence: 'requests' in its check"
}

export function attemptVerdict({ status, ownFault, offline }: Attempt): ExplainedOutcome {
  if (status === 'passed') return { outcome: 'passed' }
  if (status !== 'failed') return { outcome: 'unknown' }
  if (offline) return { outcome: 'error', reason: 'our own network: onlineProbe does not answer either' }
  return ownFault === undefined ? { outcome: 'failed' } : { outcome: 'error', reason: ownFault }
}

/** What is known of a check as a whole. */
export interface CheckEvidence {
  specs: readonly SpecVerdict[]
  /** Why it has failed before any of them could be tried. */
  failure?: string
  /** Why its specs could not be loaded, or its workers not be ended. */
  error?: string
}

export function checkVerdict({ specs, failure, error }: CheckEvidence): ExplainedOutcome {
  if (failure !== undefined) return { outcome: 'failed', reason: failure }
  const replayed = specs.filter(spec => 'outcome' in spec)
  const worst = worstFirst.map(outcome => replayed.find(spec => spec.outcome === outcome)).find(Boolean)
  // A failure that was seen stays one, whatever else went wrong.
  if (worst?.outcome === 'failed') return { outcome: 'failed' }
  if (error !== undefined) return { outcome: 'error', reason: error }
  if (worst) return worst
  if (specs.length > 0) return { outcome: 'unknown', reason: 'none of its specs can be replayed' }
  return { outcome: 'unknown', reason: 'no specs' }
}

const worstFirst: Outcome[] = ['failed', 'error', 'unknown', 'flaky', 'slow', 'passed']

/** 2: any error. 1: any that failed, or is unknown. 3: there was nothing to replay. 0: all passed, flaky or slow. */
export function exitCode(checks: readonly { outcome: Outcome; specs: readonly unknown[] }[]): 0 | 1 | 2 | 3 {
  if (checks.some(({ outcome }) => outcome === 'error')) return 2
  if (checks.every(({ outcome, specs }) => outcome === 'unknown' && specs.length === 0)) return 3
  return checks.some(({ outcome }) => outcome === 'failed' || outcome === 'unknown') ? 1 : 0
}
