/** The document of a run's results, as `monitor run --json` prints it. */
import {
  mostCertificates,
  mostVersions,
  type RecordedCertificate,
  type RequestRecord,
} from '../../environment/contract/attempt-log.ts'
import type { Outcome } from '../verdict/finding.ts'
import type { ErrorPlace, StepRecord } from './events.ts'
import {
  type Attempt,
  attemptVerdict,
  checkVerdict,
  exitCode,
  type Judging,
  type ReplayedTest,
  type SpecVerdict,
  specVerdicts,
} from './outcome.ts'
import type { ReplayedCheck } from './replayed-check.ts'
import type { SweptCounts } from './swept-replays.ts'

export interface RunDocument {
  version: 1
  exitCode: 0 | 1 | 2 | 3 | 4
  run: string
  environment: string
  /** ISO 8601, in UTC. */
  startedAt: string
  checks: CheckDocument[]
  /**
   * The page of Playwright's HTML report, or in a monitor the archive for it, relative to the configuration's folder; null
   * where nothing has run.
   */
  report: string | null
}

export interface CheckDocument {
  name: string
  outcome: Outcome
  /** Why it has this outcome; absent where that is obvious. */
  reason?: string
  /** The id that its requests carried as `X-Reprise-Replay`. */
  replay: string
  durationMs: number
  specs: SpecDocument[]
  notReplayable: { title: string; reason: string }[]
  ledger: LedgerDocument
  /** The versions of the service that it saw, in this order; absent if there was none: the version is unknown. */
  versions?: string[]
  /** The certificates of https origins that it saw, one for each origin. */
  certificates?: RecordedCertificate[]
}

/** Counts of what the check's requests have created. */
interface LedgerDocument {
  removed: number
  /** The removal was answered with 2xx; that it is gone could not be verified. */
  unverified: number
  /** Possible leaks that a sweep tries again. */
  unresolved: number
  /** Requests that were answered like creations and that no rule is for, without those answered with a redirect elsewhere. */
  suspected: number
}

export interface SpecDocument {
  title: string
  file: string
  line: number
  outcome: Outcome
  reason?: string
  attempts: AttemptDocument[]
}

export interface AttemptDocument {
  /** ISO 8601, in UTC; absent for an attempt whose process has ended before it. */
  startedAt?: string
  outcome: Outcome
  durationMs: number
  error?: ErrorPlace
  /** The id of the trace that its requests belong to, as `traceparent` has it; absent if it has sent none. */
  traceId?: string
  /** Of the spec; absent if it has none. */
  steps?: StepRecord[]
  requests: RequestRecord[]
}

export interface JudgedCheck extends Judging {
  replay: ReplayedCheck
  /** What was found in its ledger when all had ended. */
  swept: SweptCounts
}

export function runDocument(
  about: Pick<RunDocument, 'run' | 'environment' | 'startedAt'>,
  replayed: readonly JudgedCheck[],
  report: string | null,
  allowLeaks: boolean,
): RunDocument {
  const checks = replayed.map(checkDocument)
  const code = exitCode(checks)
  const isLeaky = !allowLeaks && checks.some(({ ledger: { unresolved, suspected } }) => unresolved + suspected > 0)
  return { version: 1, exitCode: code === 0 && isLeaky ? 4 : code, ...about, checks, report }
}

export function checkDocument({
  replay: { check, tests, failure, error },
  swept,
  ...judging
}: JudgedCheck): CheckDocument {
  const verdicts = specVerdicts(tests, judging)
  const judged = verdicts.flatMap((verdict, index) => {
    const test = tests[index]
    return test ? [{ ...test, verdict }] : []
  })
  const attempts = tests.flatMap(test => test.attempts)
  // The last of each origin: it may be renewed in between.
  const certificates = new Map(attempts.flatMap(({ log }) => log?.certificates ?? []).map(seen => [seen.origin, seen]))
  const versions = [...new Set(attempts.flatMap(({ log }) => log?.versions ?? []))]
  return {
    name: check.check,
    ...checkVerdict({
      specs: verdicts,
      ...(failure !== undefined && { failure }),
      ...(error !== undefined && { error }),
    }),
    replay: check.id,
    durationMs: sum(judged.flatMap(timedAttempts).map(({ durationMs }) => durationMs)),
    specs: judged.flatMap(({ planned: { title, file, line }, attempts, verdict }) => {
      if ('notReplayable' in verdict) return []
      return [{ title, file, line, ...verdict, attempts: attempts.map(attemptDocument) }]
    }),
    notReplayable: judged.flatMap(({ planned: { title }, verdict }) => {
      return 'notReplayable' in verdict ? [{ title, reason: verdict.notReplayable }] : []
    }),
    ...(versions.length > 0 && { versions: versions.slice(0, mostVersions) }),
    ...(certificates.size > 0 && { certificates: [...certificates.values()].slice(0, mostCertificates) }),
    ledger: {
      removed: swept.removed + sum(attempts.map(({ log }) => log?.ledger.removed ?? 0)),
      unverified: swept.unverified + sum(attempts.map(({ log }) => log?.ledger.unverified ?? 0)),
      // Whatever an attempt could not settle was looked at again.
      unresolved: swept.unresolved,
      suspected:
        swept.suspected +
        sum(attempts.map(({ log }) => log?.ledger.suspected.filter(({ isRemark }) => !isRemark).length ?? 0)),
    },
  }
}

/** Those that show how long a spec takes: not what ended by an error of ours, if another attempt has a result. */
function timedAttempts({ attempts, verdict }: ReplayedTest & { verdict: SpecVerdict }): readonly Attempt[] {
  const hasResult = 'outcome' in verdict && verdict.outcome !== 'error' && verdict.outcome !== 'unknown'
  return hasResult ? attempts.filter(attempt => attemptVerdict(attempt).outcome !== 'error') : attempts
}

function attemptDocument(attempt: Attempt): AttemptDocument {
  const { startedAt, durationMs, error, steps, log } = attempt
  return {
    ...(startedAt !== undefined && { startedAt }),
    outcome: attemptVerdict(attempt).outcome,
    durationMs: Math.round(durationMs),
    ...(error && { error }),
    ...(log?.traceId !== undefined && { traceId: log.traceId }),
    ...(steps && { steps }),
    requests: log?.requests ?? [],
  }
}

function sum(numbers: readonly number[]): number {
  return Math.round(numbers.reduce((total, number) => total + number, 0))
}
