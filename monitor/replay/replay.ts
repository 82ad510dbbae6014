/** Replays checks against one environment, as one run, and leaves nothing but a report and the document that it returns. */
import { randomBytes } from 'node:crypto'
import path from 'node:path'
import type { LedgerSummary } from '../../environment/contract/attempt-log.ts'
import type { Environment } from '../../environment/environment.ts'
import { ledgerFolder } from '../../environment/ledger/folder.ts'
import type { Redactor } from '../../environment/secrets/redaction/redactor.ts'
import { openRun, type Run } from '../../postgres/run/run.ts'
import type { Check, Configuration } from '../config/configuration.ts'
import type { OpenRunLedger, RunLedger } from '../store/run-ledger.ts'
import type { CheckDocument, RunDocument } from './document.ts'
import type { PlannedTest } from './events.ts'
import { folderLedger } from './folder-ledger.ts'
import { ledgerRemarks } from './ledger-remarks.ts'
import type { Attempt } from './outcome.ts'
import { type PlannedCheck, planCheck } from './plan.ts'
import { openPlayer, type Player } from './player.ts'
import { replayChecks } from './replay-checks.ts'
import type { ReplayedCheck } from './replayed-check.ts'
import { type ReportFormat, writeReport } from './report.ts'
import { writeOutcomes } from './report-outcomes.ts'
import { openDocuments } from './run-documents.ts'
import { redactorOf } from './run-redactor.ts'
import { type SupervisionOptions, superviseRun } from './run-supervision.ts'
import { sweepReplays } from './swept-replays.ts'

export interface RunRequest {
  configuration: Configuration
  /** The environment, and its name. */
  name: string
  environment: Environment
  checks: readonly Check[]
  /** The ids of their replays, by the checks' names; the others get one. */
  ids?: ReadonlyMap<string, string>
  /** The names of the checks whose state is unknown: of these no failure is presumed. */
  unknown?: ReadonlySet<string>
  /** A monitor confirms failures by further runs, as the checks' `confirm` says. */
  isConfirmed?: boolean
  env: NodeJS.ProcessEnv
  /** Where the ledger is kept; by default in files beside the configuration. */
  openLedger?: OpenRunLedger
  /** The ledger is swept again soon, so its end does not wait for requests that may still be processed. */
  isSweptAgain?: boolean
  /** What may be left in the environment has no part in the exit code. */
  allowLeaks?: boolean
  /** What is kept of the run in `.reprise/runs`; by default Playwright's page. */
  format?: ReportFormat
  /** Resolves when the run is asked to end. */
  asked: Promise<unknown>
  onTestEnd?(test: PlannedTest, attempt: Attempt): void
  /** The first tests may begin: the specs are loaded. */
  onBegin?(): void
  /** All tests of a check have ended, while others of its run go on; only its ledger and the report are not known yet. */
  onCheckEnd?(check: CheckDocument, run: string): void
  /** A report was made, or could not be; by default the latter is passed to `complain`. */
  onReport?(failure?: Error): void
  /** Something that went wrong and changes no outcome. */
  complain(text: string): void
}

/**
 * Throws for a secret of the environment that is not set, and for a scratch folder that cannot be made. Whatever goes
 * wrong with a spec or the target is an outcome.
 */
export async function replay(request: RunRequest): Promise<RunDocument> {
  const { configuration, name, environment, env, checks, asked, openLedger, onBegin, onTestEnd, onCheckEnd } = request
  const redactor = redactorOf(configuration, env, environment)
  const complain = (text: string) => request.complain(redactor.text(text))
  const startedAt = new Date()
  const run = await openRun()
  let ledger: RunLedger | undefined
  try {
    const folder = path.dirname(configuration.file)
    const about = { run: runName(startedAt, run), environment: name, startedAt: startedAt.toISOString() }
    const documents = openDocuments(about, checks, redactor)
    const planned = await planChecks(request, folder)
    const replays = planned.map(({ id }) => id)

    const open = openLedger ?? folderLedger(ledgerFolder(folder))
    ledger = await open({ name: about.run, scratch: run.folder, environmentName: name, environment, replays })
    const player = await openPlayer({ run, folder, ledger: ledger.place, name, environment, env })

    const replayed = await playSupervised(player, {
      ...{ environment, planned, asked },
      onBegin: () => onBegin?.(),
      onTestEnd: (test, attempt) => onTestEnd?.({ ...test, title: redactor.text(test.title) }, attempt),
      onCheckEnd: check => {
        const document = documents.ofCheck(check)
        // Of these, more may come to light.
        if (document.outcome !== 'error' && document.outcome !== 'unknown') onCheckEnd?.(document, about.run)
      },
    })

    const place = path.join(folder, '.reprise/runs', about.run)
    const report = await reportOf({ run, player, place, folder, redactor }, request)

    const isSweptAgain = request.isSweptAgain ?? false
    const swept = await sweepReplays({ ledger, replays, name, environment, env, isSweptAgain, asked, complain })
    for (const remark of ledgerRemarks(name, environment.cleanup ?? [], ledgersIn(replayed))) complain(remark)

    const document = documents.ofRun(replayed, {
      swept,
      report: report === undefined ? null : path.relative(folder, report),
      allowLeaks: request.allowLeaks ?? false,
    })
    if (report !== undefined) {
      await writeOutcomes(path.dirname(report), document.checks).catch((error: Error) => complain(error.message))
    }
    return document
  } finally {
    await ledger?.close()
    await run.end().catch((error: Error) => complain(error.message))
  }
}

function planChecks(
  { checks, ids, unknown, isConfirmed = false }: RunRequest,
  folder: string,
): Promise<PlannedCheck[]> {
  return Promise.all(
    checks.map(check => {
      const id = ids?.get(check.name) ?? randomBytes(8).toString('hex')
      return planCheck(check, id, folder, {
        isUnknown: unknown?.has(check.name) ?? false,
        isConfirmed: isConfirmed && check.confirm.down > 1,
      })
    }),
  )
}

async function playSupervised(player: Player, options: SupervisionOptions): Promise<ReplayedCheck[]> {
  const supervision = superviseRun(options)
  try {
    return await replayChecks(options.planned, (checks, turn) => {
      return player.play(checks, supervision.of(checks, turn), turn)
    })
  } finally {
    supervision.close()
  }
}

interface Reported {
  run: Run
  player: Player
  place: string
  folder: string
  redactor: Redactor
}

/** The report's file; undefined where there is none. That it could not be made changes no outcome. */
async function reportOf(
  { run, player, redactor, ...where }: Reported,
  { onReport, complain, format = 'page' }: RunRequest,
): Promise<string | undefined> {
  const { blobs, env, withoutPictures } = player
  const end = onReport ?? (failure => failure && complain(`The report could not be made: ${failure.message}`))
  try {
    const from = { blobs, scratch: run.folder, env, redactor, withoutPictures, watchdog: run.watchdog() }
    const report = await writeReport({ format, ...from, ...where })
    if (report !== undefined) end()
    return report
  } catch (error) {
    end(new Error(redactor.text((error as Error).message), { cause: error }))
    return undefined
  }
}

function ledgersIn(replayed: readonly ReplayedCheck[]): LedgerSummary[] {
  const attempts = replayed.flatMap(({ tests }) => tests.flatMap(({ attempts }) => attempts))
  return attempts.flatMap(({ log }) => log?.ledger ?? [])
}

/** Sorts by time among others. */
function runName(startedAt: Date, run: Run): string {
  return `${startedAt
    .toISOString()
    .replace(/\.\d+Z$/, 'Z')
    .replace(/[-:]/g, '')}-${run.id}`
}
