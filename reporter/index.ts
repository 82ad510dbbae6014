/** Makes Playwright's HTML report of a run, without credentials: the reporter `reprise/reporter`. */
import { randomBytes } from 'node:crypto'
import { readdirSync, rmSync } from 'node:fs'
import { rm } from 'node:fs/promises'
import path from 'node:path'
import type { ReporterDescription } from '@playwright/test'
import type { FullConfig, FullResult, Reporter, TestCase, TestResult } from '@playwright/test/reporter'
import { totalsVariable } from '../environment/contract/test-totals.ts'
import { makePrivateFolder } from '../environment/reprise-folder.ts'
import { shortest } from '../environment/secrets/secret.ts'
import { declaredSecrets } from './declared-secrets.ts'
import { type RecordedRun, RunRecord } from './recorded-tests.ts'
import { redactRun } from './redacted-run.ts'
import { writeReports } from './reports.ts'
import { addToHistory, readHistory } from './run-history.ts'
import { summarize } from './run-summary.ts'
import { summaryPage } from './summary-page.ts'

export interface RedactedReportOptions {
  /** Where the HTML report goes, relative to the configuration; false for none. Default: `playwright-report`. */
  html?: string | false
  /** A file for the redacted blob, such as `blob-report/report.zip`, to be merged with those of other shards. Default: none. */
  blob?: string
  /** More reports of the redacted run, as in a configuration: `[['junit', { outputFile: 'results.xml' }]]`. */
  also?: ReporterDescription[]
  /** Environment variables whose values are credentials, besides those named by `secret()` in `use`. */
  secrets?: readonly string[]
  /** Names of fields and columns with personal data, such as `email`: their values are left out wherever they occur. */
  personal?: readonly string[]
  /** blank: pictures, videos and PDFs are replaced by a blank picture, since text on them cannot be redacted. Default: kept. */
  pictures?: 'kept' | 'blank'
}

/** The reporters for `reporter` in a configuration. Throws for an option that does not exist. */
export function redactedReport(options: RedactedReportOptions = {}): ReporterDescription[] {
  const unknown = Object.keys(options).filter(name => !optionNames.has(name))
  if (unknown.length > 0) {
    throw new Error(`redactedReport has no option ${unknown.join(', ')}: it has ${[...optionNames].join(', ')}.`)
  }
  if (process.env.PLAYWRIGHT_BLOB_OUTPUT_FILE) {
    throw new Error(
      "PLAYWRIGHT_BLOB_OUTPUT_FILE would put the blob with its credentials elsewhere: unset it, and use redactedReport({ blob: 'blob-report/report.zip' }).",
    )
  }
  // In this order, so that the archive is complete when ours reads it.
  const archive = path.join('.reprise', 'blob', `${process.pid}-${randomBytes(4).toString('hex')}.zip`)
  return [
    ['blob', { outputFile: archive }],
    [import.meta.filename, { ...options, archive }],
  ]
}

const optionNames: ReadonlySet<string> = new Set(['html', 'blob', 'also', 'secrets', 'personal', 'pictures'])

/** As Playwright passes them on. */
type ReporterOptions = RedactedReportOptions & { archive?: string; configDir?: string; _mode?: string }

export default class RedactedReporter implements Reporter {
  readonly #options: ReporterOptions
  #config: FullConfig | undefined
  #record: RunRecord | undefined

  constructor(options: ReporterOptions) {
    this.#options = options
    // Inherited by the workers, which are started later.
    process.env[totalsVariable] = '1'
  }

  printsToStdio(): boolean {
    return false
  }

  onBegin(config: FullConfig): void {
    this.#config = config
    this.#record = new RunRecord(config)
    const { archive } = this.#options
    if (archive !== undefined) prepareFolder(path.dirname(path.resolve(folderOf(config), archive)))
    removeLeft(folderOf(config), /^\.reprise-report-(\d+)\.config\.mjs$/)
  }

  onTestEnd(test: TestCase, result: TestResult): void {
    this.#record?.add(test, result)
  }

  /** The blob reporter, which comes before, has written the archive. Playwright would ignore a rejection. */
  async onEnd({ status }: FullResult): Promise<{ status: 'failed' } | undefined> {
    const [config, run] = [this.#config, this.#record?.end()]
    if (!config || !run) return undefined
    const folder = folderOf(config)
    if (this.#options._mode === 'list' || isInteractive(process.argv)) {
      const { archive } = this.#options
      if (archive !== undefined) await rm(path.resolve(folder, archive), { force: true })
      return undefined
    }
    // Node ends with 0 when nothing is left that a promise could wait for.
    process.once('exit', failUnfinished)
    try {
      await this.#report(config, folder, run, status === 'passed' || status === 'failed')
      return undefined
    } catch (error) {
      process.stderr.write(`\nThe redacted report could not be made: ${(error as Error).message}\n`)
      return { status: 'failed' }
    } finally {
      process.off('exit', failUnfinished)
    }
  }

  async #report(config: FullConfig, folder: string, run: RecordedRun, isComplete: boolean): Promise<void> {
    const { archive, html = 'playwright-report', blob, also = [], pictures = 'kept', personal = [] } = this.#options
    if (archive === undefined) throw new Error("use it by `reporter: redactedReport()`, from 'reprise/reporter'.")
    const raw = path.resolve(folder, archive)
    const clean = raw.replace(/\.zip$/, '-redacted.zip')
    const declared = { secrets: this.#secrets(config), personal }
    try {
      const past = await readHistory(folder)
      const summary = summaryPage(summarize(run, past))
      const outputs = [...new Set(config.projects.map(({ outputDir }) => outputDir))]
      const redactor = await redactRun({ raw, clean, pictures, summary }, declared, outputs)
      // A run that was interrupted tells nothing of the tests that it left out.
      if (isComplete) await addToHistory(folder, past, run)
      await writeReports({ clean, folder, html, blob, also, redactor })
    } finally {
      await Promise.all([raw, clean].map(file => rm(file, { force: true })))
    }
  }

  #secrets({ projects }: FullConfig): Map<string, string> {
    const { secrets = [] } = this.#options
    const { values, unusable } = declaredSecrets(
      projects.map(({ use }) => use),
      secrets,
      process.env,
    )
    if (unusable.length > 0) {
      const names = unusable.join(', ')
      process.stderr.write(
        `\nredactedReport: not set, or shorter than ${shortest} characters, and thus not redacted: ${names}\n`,
      )
    }
    return values
  }
}

function failUnfinished(code: number): void {
  process.stderr.write('\nThe redacted report was not finished: credentials may be left in the output folders.\n')
  if (code === 0) process.exitCode = 1
}

const folderOf = ({ configFile, rootDir }: FullConfig) => (configFile ? path.dirname(configFile) : rootDir)

/**
 * UI mode and Visual Studio Code run the reporters of the configuration after each click. They show the files of the run
 * themselves, which must not change under them, and what is run is a part of the suite.
 */
const isInteractive = (argv: readonly string[]) =>
  argv.some(arg => /^--ui(-host|-port)?(=|$)/.test(arg) || arg === 'test-server')

/** For its owner only, before there is anything in it; without what killed runs have left. */
function prepareFolder(folder: string): void {
  makePrivateFolder(folder)
  removeLeft(folder, /^(\d+)-/)
}

/** Removes files whose names have the process id of a run that was killed. */
function removeLeft(folder: string, name: RegExp): void {
  for (const file of readdirSync(folder)) {
    const [, pid] = name.exec(file) ?? []
    if (pid !== undefined && !isRunning(Number(pid))) rmSync(path.join(folder, file), { recursive: true, force: true })
  }
}

function isRunning(pid: number): boolean {
  try {
    return process.kill(pid, 0)
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM'
  }
}
