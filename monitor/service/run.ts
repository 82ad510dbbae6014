/** One run: the replays of what was claimed at one moment, written down before it starts, with an outcome for each. */
import { randomUUID } from 'node:crypto'
import type { Check } from '../config/configuration.ts'
import type { CheckDocument, RunDocument } from '../replay/document.ts'
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
  /** Writes the replays down; answers those that may start. */
  start(run: { id: string; environment: string }, replays: StartingReplay[]): Promise<StartingReplay[]>
  /** Called again for a replay when its report and its ledger are known. */
  record(outcome: ReplayResult): Promise<void>
  /** Its specs are loaded: what takes the most processor time is over. */
  onBegin(): void
  /** Resolves when the run has to end early. */
  asked: Promise<unknown>
  /** A report was made, or could not be. */
  onReport(failure?: Error): void
  complain(text: string): void
}

/** Throws what `start` throws; later, whatever goes wrong is an outcome. */
export async function performRun({ claim, compiled, start, record, ...rest }: RunOptions): Promise<void> {
  const wanted = claim.slots.map(slot => ({ ...slot, replay: randomUUID() }))
  const started = await start({ id: randomUUID(), environment: claim.environment }, wanted)
  if (started.length === 0) return
  const told = new Map<string, CheckResult>()
  // One after the other, so that those that ended together are told together.
  let recording = Promise.resolve()
  const recordFound = (check: string, found: CheckResult) => {
    const starting = started.find(other => other.check === check)
    if (!starting) return
    const outcome = { ...starting, ...found, endedAt: new Date() }
    recording = recording.then(() => record(outcome))
  }
  const outcomeOf = await replayed(claim.environment, started, compiled, {
    ...rest,
    onCheckEnd: (document, run) => {
      const found = resultOfCheck(document, run, null)
      told.set(document.name, found)
      recordFound(document.name, found)
    },
  })
  for (const { check } of started) {
    const found = outcomeOf(check)
    const known = told.get(check)
    if (known && known.outcome !== found.outcome) {
      rest.complain(
        `Check ${check} was recorded as ${known.outcome} when its tests had ended; then it was found to be ${found.outcome}: ${found.reason ?? 'without a reason'}.`,
      )
    }
    recordFound(check, known ? { ...found, outcome: known.outcome, isAgain: true } : found)
  }
  await recording
}

/** What came of a replay. */
export type CheckResult = Pick<ReplayResult, 'outcome' | 'reason' | 'durationMs' | 'detail' | 'isAgain'>

async function replayed(
  name: string,
  started: readonly StartingReplay[],
  { configuration, environment: environmentOf }: CompiledConfiguration,
  rest: Pick<RunOptions, 'env' | 'openLedger' | 'asked' | 'onBegin' | 'onReport' | 'complain'> &
    Pick<RunRequest, 'onCheckEnd'>,
): Promise<(check: string) => CheckResult> {
  const environment = environmentOf(name)
  if (!environment) return () => ownFault(`${configuration.file} has no environment ${JSON.stringify(name)}`)
  const ids = new Map(started.map(({ check, replay: id }) => [check, id]))
  const checks: Check[] = configuration.checks.filter(check => ids.has(check.name))
  try {
    // Whoever waits to hear that the service is down does not wait for requests that it may still be at work with.
    const document = await replay({ configuration, name, environment, checks, ids, isSweptAgain: true, ...rest })
    return check => resultOf(document, check)
  } catch (error) {
    return () => ownFault((error as Error).message)
  }
}

/** What a run's document says of a check. */
export function resultOf({ run, report, checks }: RunDocument, name: string): CheckResult {
  const check = checks.find(other => other.name === name)
  if (!check) return ownFault(`the configuration has no check ${JSON.stringify(name)}`)
  return resultOfCheck(check, run, report)
}

function resultOfCheck(check: CheckDocument, run: string, report: string | null): CheckResult {
  const { outcome, durationMs, specs, notReplayable, ledger } = check
  const reason = check.reason ?? firstFailure(check)
  return {
    outcome,
    ...(specs.some(({ attempts }) => attempts.length > 0) && { durationMs }),
    ...(reason !== undefined && { reason }),
    detail: { run, report, specs, notReplayable, ledger },
  }
}

function firstFailure({ specs }: CheckDocument): string | undefined {
  const failed = specs.find(({ outcome }) => outcome === 'failed')
  const message = failed?.attempts.findLast(({ error }) => error)?.error?.message.split('\n')[0]
  return failed && [failed.title, message].filter(Boolean).join(': ')
}

/** An outcome for which nobody but us is to blame. */
export const ownFault = (reason: string): CheckResult => ({ outcome: 'error', reason })
