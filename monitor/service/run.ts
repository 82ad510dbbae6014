/** Performs one run: the replays of a claim, which are recorded before it starts, each with an outcome. */
import { randomUUID } from 'node:crypto'
import type { ReplayedCertificate } from '../certificates/replayed-certificates.ts'
import type { Check } from '../config/configuration.ts'
import type { CheckDocument, RunDocument, SpecDocument } from '../replay/document.ts'
import { type RunRequest, replay } from '../replay/replay.ts'
import type { Claim, StartingReplay } from '../store/claims.ts'
import type { ReplayResult } from '../store/replay-result.ts'
import type { OpenRunLedger } from '../store/run-ledger.ts'
import type { CompiledConfiguration } from './compiled-configuration.ts'

export interface RunOptions {
  claim: Claim
  compiled: CompiledConfiguration
  env: NodeJS.ProcessEnv
  openLedger: OpenRunLedger
  /** Records the replays, and returns those that may start. */
  start(run: { id: string; environment: string }, replays: StartingReplay[]): Promise<StartingReplay[]>
  /** Returns which of the checks have an unknown state. */
  unknownOf(checks: readonly string[]): Promise<ReadonlySet<string>>
  /** Called a second time for a replay when its report and its ledger are complete. */
  record(outcome: ReplayResult): Promise<void>
  /** Certificates that the replays have seen in the environment. */
  onCertificates(environment: string, certificates: readonly ReplayedCertificate[]): Promise<void>
  /** A run has ended. */
  onDocument(document: RunDocument): void
  /** The specs are loaded, which takes most of the processor time. */
  onBegin(): void
  /** An attempt of a test has ended. */
  onTestEnd(): void
  /** Resolves when the run has to end early. */
  asked: Promise<unknown>
  /** A report was written, or could not be. */
  onReport(failure?: Error): void
  complain(text: string): void
}

/** Throws the errors of `start`. Later errors become outcomes. */
export async function performRun({ claim, compiled, start, unknownOf, record, ...rest }: RunOptions): Promise<void> {
  const wanted = claim.slots.map(slot => ({ ...slot, replay: randomUUID() }))
  const started = await start({ id: randomUUID(), environment: claim.environment }, wanted)
  if (started.length === 0) return
  const recorded = new Map<string, CheckResult>()
  // In sequence, so that results that end together go into one message.
  let recording = Promise.resolve()
  const recordFound = (check: string, found: CheckResult) => {
    const starting = started.find(other => other.check === check)
    if (!starting) return
    const outcome = { ...starting, ...found, endedAt: new Date() }
    recording = recording.then(() => record(outcome))
  }
  const outcomeOf = await replayed(claim.environment, started, compiled, {
    ...rest,
    unknown: await unknownOf(started.map(({ check }) => check)),
    onCheckEnd: (document, run) => {
      const found = resultOfCheck(document, run, null)
      recorded.set(document.name, found)
      recordFound(document.name, found)
    },
  })
  for (const { check } of started) {
    const found = outcomeOf(check)
    const known = recorded.get(check)
    if (known && known.outcome !== found.outcome) {
      rest.complain(
        `Check ${check} was recorded as ${known.outcome} when its tests had ended, but its report is ${found.outcome}: ${found.reason ?? 'without a reason'}.`,
      )
    }
    recordFound(check, known ? { ...found, outcome: known.outcome, isAgain: true } : found)
  }
  await recording
}

/** The result of a check in a run. */
export type CheckResult = Pick<
  ReplayResult,
  'outcome' | 'reason' | 'durationMs' | 'version' | 'traceId' | 'detail' | 'isAgain'
>

async function replayed(
  name: string,
  started: readonly StartingReplay[],
  { configuration, environment: environmentOf }: CompiledConfiguration,
  rest: Pick<
    RunOptions,
    'env' | 'openLedger' | 'asked' | 'onCertificates' | 'onDocument' | 'onBegin' | 'onTestEnd' | 'onReport' | 'complain'
  > &
    Pick<RunRequest, 'onCheckEnd' | 'unknown'>,
): Promise<(check: string) => CheckResult> {
  const environment = environmentOf(name)
  if (!environment) return () => ownFault(`${configuration.file} has no environment ${JSON.stringify(name)}`)
  const ids = new Map(started.map(({ check, replay: id }) => [check, id]))
  const checks: Check[] = configuration.checks.filter(check => ids.has(check.name))
  try {
    // The alert that the service is down must not wait for the removal of things that the service may still be
    // creating.
    const monitored = { isSweptAgain: true, isConfirmed: true, format: 'archive' as const }
    const document = await replay({ configuration, name, environment, checks, ids, ...monitored, ...rest })
    rest.onDocument(document)
    await rest.onCertificates(
      name,
      document.checks.flatMap(check => certificatesOf(check, document.run)),
    )
    return check => resultOf(document, check)
  } catch (error) {
    return () => ownFault((error as Error).message)
  }
}

/** Returns the result of a check from the run's document. */
export function resultOf({ run, report, checks }: RunDocument, name: string): CheckResult {
  const check = checks.find(other => other.name === name)
  if (!check) return ownFault(`the configuration has no check ${JSON.stringify(name)}`)
  return resultOfCheck(check, run, report)
}

function resultOfCheck(check: CheckDocument, run: string, report: string | null): CheckResult {
  const { outcome, durationMs, specs, notReplayable, ledger, versions } = check
  const reason = check.reason ?? reasonIn(check)
  const traceId = traceIdOf(check)
  return {
    outcome,
    ...(specs.some(({ attempts }) => attempts.length > 0) && { durationMs }),
    ...(reason !== undefined && { reason }),
    ...(versions && { version: versions.join(', ') }),
    ...(traceId !== undefined && { traceId }),
    detail: { run, report, specs: specs.map(storedSpec), notReplayable, ledger },
  }
}

function certificatesOf(check: CheckDocument, run: string): ReplayedCertificate[] {
  const { certificates = [], versions } = check
  const traceId = traceIdOf(check)
  const seenBy = {
    ...(versions && { failingVersion: versions.join(', ') }),
    ...{ run, ...(traceId !== undefined && { traceId }) },
  }
  return certificates.map(certificate => ({ ...certificate, seenBy }))
}

/** Without what only its trace shows. */
function storedSpec({ attempts, ...spec }: SpecDocument) {
  const stored = attempts.map(({ startedAt: _, traceId: _traceId, steps: _steps, requests, ...attempt }) => ({
    ...attempt,
    requests: requests.map(({ startedAt: _, spanId: _spanId, ...request }) => request),
  }))
  return { ...spec, attempts: stored }
}

function reasonIn({ specs }: CheckDocument): string | undefined {
  const found = failureIn(specs)
  const error = found?.attempt?.error
  const place = [found?.spec.title, error?.step].filter(Boolean).join(' › ')
  return found && [place, error?.message.split('\n')[0]].filter(Boolean).join(': ')
}

/** Of the attempt whose error is the reason; if none has failed, of the first attempt that is no error of ours, or else of any. */
function traceIdOf({ specs }: CheckDocument): string | undefined {
  const failed = failureIn(specs)?.attempt
  if (failed) return failed.traceId
  const traced = specs.flatMap(({ attempts }) => attempts).filter(({ traceId }) => traceId !== undefined)
  return (traced.find(({ outcome }) => outcome !== 'error') ?? traced[0])?.traceId
}

/** The first spec that has failed, otherwise the first that passed only on a retry; and its last attempt that failed by itself. */
function failureIn(specs: readonly SpecDocument[]) {
  const spec = specs.find(({ outcome }) => outcome === 'failed') ?? specs.find(({ outcome }) => outcome === 'flaky')
  return spec && { spec, attempt: spec.attempts.findLast(({ outcome, error }) => outcome === 'failed' && error) }
}

/** An error of the monitor or its machine. */
export const ownFault = (reason: string): CheckResult => ({ outcome: 'error', reason })
