/** A run: replays checks against one environment, and leaves nothing but a report and what it returns. */
import { randomBytes } from 'node:crypto'
import path from 'node:path'
import type { Environment } from '../../environment/environment.ts'
import { ledgerFolder } from '../../environment/ledger/folder.ts'
import type { Redactor } from '../../environment/secrets/redaction/redactor.ts'
import { openRun, type Run } from '../../postgres/run/run.ts'
import type { Check, Configuration } from '../config/configuration.ts'
import { parseDuration } from '../config/duration.ts'
import type { OpenRunLedger, RunLedger } from '../store/run-ledger.ts'
import { type CheckDocument, checkDocument, type JudgedCheck, type RunDocument, runDocument } from './document.ts'
import type { PlannedTest } from './events.ts'
import { folderLedger } from './folder-ledger.ts'
import { ledgerRemarks } from './ledger-remarks.ts'
import { OnlineProbe } from './online-probe.ts'
import { type Outage, watchForOutage } from './outage.ts'
import type { Attempt } from './outcome.ts'
import { planCheck } from './plan.ts'
import { openPlayer } from './player.ts'
import { failsWithBaseURL } from './presumption.ts'
import { Progress } from './progress.ts'
import { type ReplayedCheck, replayChecks } from './replay-checks.ts'
import { writeReport } from './report.ts'
import { writeOutcomes } from './report-outcomes.ts'
import { redactorOf } from './run-redactor.ts'
import { type SweptCounts, sweepReplays } from './swept-replays.ts'

export interface RunRequest {
  configuration: Configuration
  /** The name of the environment, and what it says. */
  name: string
  environment: Environment
  checks: readonly Check[]
  /** The ids of their replays, by the checks' names; the others get one. */
  ids?: ReadonlyMap<string, string>
  /** The names of the checks whose state is unknown: of these no failure is presumed. */
  unknown?: ReadonlySet<string>
  env: NodeJS.ProcessEnv
  /** Where the ledger is kept; by default in files beside the configuration. */
  openLedger?: OpenRunLedger
  /** Somebody sweeps the ledger soon, so that its end waits for no request that may still be at work. */
  isSweptAgain?: boolean
  /** What may be left in the environment has no part in the exit code. */
  allowLeaks?: boolean
  /** Resolves when somebody wants the run to end. */
  asked: Promise<unknown>
  onTestEnd?(test: PlannedTest, attempt: Attempt): void
  /** The first tests may begin: the specs are loaded. */
  onBegin?(): void
  /** All tests of a check have ended, while others of its run go on; only its ledger and the report are not known yet. */
  onCheckEnd?(check: CheckDocument, run: string): void
  /** A report was made, or could not be; by default the latter is complained of. */
  onReport?(failure?: Error): void
  /** Something that went wrong and changes no outcome. */
  complain(text: string): void
}

/**
 * Throws for a secret of the environment that is not set, and for a scratch folder that cannot be made. Whatever goes
 * wrong with a spec or the target is an outcome.
 */
export async function replay(request: RunRequest): Promise<RunDocument> {
  const { configuration, name, checks, ids } = request
  const redactor = redactorOf(configuration, request.env, request.environment)
  const startedAt = new Date()
  const run = await openRun()
  let ledger: RunLedger | undefined
  let outage: Outage | undefined
  let late: NodeJS.Timeout | undefined
  try {
    const folder = path.dirname(configuration.file)
    const about = { run: runName(startedAt, run), environment: name, startedAt: startedAt.toISOString() }
    const planned = await Promise.all(
      checks.map(check => {
        const id = ids?.get(check.name) ?? randomBytes(8).toString('hex')
        return planCheck(check, id, folder, request.unknown?.has(check.name))
      }),
    )
    const { environment, asked, onTestEnd, openLedger = folderLedger(ledgerFolder(folder)) } = request
    const { onReport = failure => failure && request.complain(`The report could not be made: ${failure.message}`) } =
      request
    const replays = planned.map(({ id }) => id)
    ledger = await openLedger({ name: about.run, scratch: run.folder, environmentName: name, environment, replays })
    const player = await openPlayer({ run, folder, ledger: ledger.place, name, environment, env: request.env })
    const clean = <T>(value: T): T => (redactor.isIdle ? value : redacted(value, redactor))
    const judged = (replay: ReplayedCheck, swept = noneSwept): JudgedCheck => {
      const { slowAboveMs, evidence = 'expect' } = checks.find(({ name }) => name === replay.check.check) ?? {}
      return { replay, swept, evidence, ...(slowAboveMs !== undefined && { slowAboveMs }) }
    }
    const progress = new Progress(replay => {
      const document = checkDocument(judged(replay))
      // Of these, more may come to light.
      if (document.outcome !== 'error' && document.outcome !== 'unknown')
        request.onCheckEnd?.(clean(document), about.run)
    })
    outage = watchForOutage({
      baseURL: environment.baseURL,
      timeoutMs: Math.max(...planned.map(({ timeoutMs }) => timeoutMs)),
      wantsCertificate: (environment.tls?.clientCertificates ?? []).length > 0,
    })
    const limit = new Promise<void>(resolve => {
      late = setTimeout(resolve, Math.min(parseDuration(environment.runTimeout ?? '30m') ?? 0, longestTimer))
    })
    // A test that asks elsewhere may well succeed.
    const ofBaseURL = environment.origins?.length
      ? {}
      : { outage, failsWithBaseURL: (test: PlannedTest) => failsWithBaseURL(test, planned) }
    const supervision = {
      probe: new OnlineProbe(environment.onlineProbe),
      asked,
      late: limit,
      ...(onTestEnd && {
        onTestEnd: (test: PlannedTest, attempt: Attempt) =>
          onTestEnd({ ...test, title: redactor.text(test.title) }, attempt),
      }),
      onTestKnown: (test: PlannedTest, attempt: Attempt) => progress.testEnded(test, attempt),
    }
    const replayed = await replayChecks(planned, (checks, turn) => {
      const onBegin = (tests: readonly PlannedTest[], projects: readonly string[]) => {
        if (!turn.rest) progress.begin(checks, tests, projects)
        request.onBegin?.()
      }
      return player.play(checks, { ...supervision, ...(!turn.isAfterOutage && ofBaseURL), onBegin }, turn)
    })
    outage.close()
    const report = await writeReport({
      blobs: player.blobs,
      scratch: run.folder,
      place: path.join(folder, '.reprise/runs', about.run),
      folder,
      env: player.env,
      redactor,
      withoutPictures: player.withoutPictures,
      watchdog: run.watchdog(),
    }).catch((error: Error) => error)
    if (report instanceof Error) onReport(new Error(redactor.text(report.message), { cause: report }))
    else if (report) onReport()
    const swept = await sweepReplays({
      ledger,
      replays,
      name,
      environment,
      env: request.env,
      isSweptAgain: request.isSweptAgain ?? false,
      complain: text => request.complain(redactor.text(text)),
    })
    const summaries = replayed.flatMap(({ tests }) =>
      tests.flatMap(({ attempts }) => attempts.flatMap(({ log }) => log?.ledger ?? [])),
    )
    for (const remark of ledgerRemarks(name, environment.cleanup ?? [], summaries))
      request.complain(redactor.text(remark))
    const document = runDocument(
      about,
      replayed.map(replay => judged(replay, swept.get(replay.check.id))),
      typeof report === 'string' ? path.relative(folder, report) : null,
      request.allowLeaks ?? false,
    )
    if (typeof report === 'string') {
      await writeOutcomes(path.dirname(report), document.checks).catch((error: Error) =>
        request.complain(error.message),
      )
    }
    return clean(document)
  } finally {
    clearTimeout(late)
    outage?.close()
    await ledger?.close()
    await run.end().catch((error: Error) => request.complain(error.message))
  }
}

function redacted<T>(document: T, redactor: Redactor): T {
  const clean = (key: string, value: unknown) =>
    typeof value === 'string' && !given.has(key) ? redactor.text(value) : value
  return JSON.parse(JSON.stringify(document, clean))
}

/** Fields that hold names of the configuration and our own words: what begins like a secret there is none. */
const given = new Set(['name', 'environment', 'outcome', 'run', 'replay', 'startedAt'])

/** In milliseconds, of Node. */
const longestTimer = 2 ** 31 - 1

const noneSwept: SweptCounts = { removed: 0, unverified: 0, unresolved: 0 }

/** Sorts by time among others. */
function runName(startedAt: Date, run: Run): string {
  return `${startedAt
    .toISOString()
    .replace(/\.\d+Z$/, 'Z')
    .replace(/[-:]/g, '')}-${run.id}`
}
