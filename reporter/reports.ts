/** Makes reports of a redacted blob, by Playwright's own command. */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { copyFile, mkdir, rm, writeFile } from 'node:fs/promises'
import { createRequire } from 'node:module'
import path from 'node:path'
import type { ReporterDescription } from '@playwright/test'
import type { Redactor } from '../environment/secrets/redaction/redactor.ts'
import { lastOutputOf } from '../processes/last-output.ts'
import { withStreams } from '../processes/spawned-streams.ts'
import { redactHtmlReport } from './redacted-html.ts'

export interface ReportPlan {
  /** The redacted archive. */
  clean: string
  /** Of the configuration. */
  folder: string
  html: string | false
  blob: string | undefined
  also: readonly ReporterDescription[]
  redactor: Redactor
}

/** Of the command's output, in an error, in characters. */
const keptOutput = 4000

/** Throws with the command's last output if it fails. */
export async function writeReports({ clean, folder, html, blob, also, redactor }: ReportPlan): Promise<void> {
  if (blob !== undefined) {
    const file = path.resolve(folder, blob)
    await mkdir(path.dirname(file), { recursive: true })
    await copyFile(clean, file)
  }
  const place = html === false ? undefined : htmlFolder(html, folder, process.env)
  const reporters: ReporterDescription[] = [
    ...(place === undefined ? [] : [['html', { outputFolder: place, open: 'never' }] as const]),
    ...also,
  ].map(([name, options]) => [name, options])
  if (reporters.length === 0) return
  const archives = `${clean}.d`
  const config = path.join(folder, `.reprise-report-${process.pid}.config.mjs`)
  try {
    await mkdir(archives, { mode: 0o700 })
    await copyFile(clean, path.join(archives, 'report.zip'))
    // Beside the user's configuration: paths of reporters are relative to it.
    await writeFile(config, `export default ${JSON.stringify({ reporter: reporters })}\n`)
    await merge(['merge-reports', '--config', config, archives], folder)
  } finally {
    await Promise.all([archives, config].map(file => rm(file, { recursive: true, force: true })))
  }
  if (place === undefined) return
  await redactHtmlReport(place, archives, redactor)
  const shown = path.relative(process.cwd(), place)
  process.stdout.write(
    `\nThe redacted report: npx playwright show-report${shown === 'playwright-report' ? '' : ` ${shown || '.'}`}\n`,
  )
}

/** The variables win over the option, as for Playwright's own reporter, and are relative to the folder of this process. */
export function htmlFolder(html: string, folder: string, env: NodeJS.ProcessEnv): string {
  const given = env.PLAYWRIGHT_HTML_OUTPUT_DIR || env.PLAYWRIGHT_HTML_REPORT
  return given ? path.resolve(given) : path.resolve(folder, html)
}

async function merge(args: readonly string[], folder: string): Promise<void> {
  const cli = createRequire(path.join(folder, 'any.js')).resolve('@playwright/test/cli')
  const env = Object.fromEntries(Object.entries(process.env).filter(([name]) => isInherited(name)))
  const child = withStreams(
    spawn(process.execPath, [cli, ...args], { cwd: folder, env, stdio: ['ignore', 'pipe', 'pipe'] }),
  )
  const lastOutput = lastOutputOf([child.stdout, child.stderr], keptOutput)
  const printed: Buffer[] = []
  child.stdout.on('data', (chunk: Buffer) => printed.push(chunk))
  const [code] = await once(child, 'close')
  if (code !== 0) throw new Error(`npx playwright ${args[0]} ended with exit code ${code}:\n${lastOutput.text()}`)
  process.stdout.write(printedByReporters(Buffer.concat(printed).toString()))
}

/**
 * This process is Playwright's own: with its variables, the command would behave as a part of it. Those of reporters are
 * meant for the command as well, except for the one that would serve the report, and
 * those with its folder, which is given as a path.
 */
const isInherited = (name: string) =>
  !/^(PW_|PWTEST_|PLAYWRIGHT_)/.test(name) || /^PLAYWRIGHT_(HTML_(?!(OPEN|OUTPUT_DIR|REPORT)$)|JUNIT_|JSON_)/.test(name)

/** Without the progress of the command itself. */
export function printedByReporters(output: string): string {
  return output
    .split(/(?<=\n)/)
    .filter(line => !isProgress(line))
    .join('')
}

const isProgress = (line: string) =>
  /^\s*(merging (reports from|events)|extracting: |processing test events|building final report|finished building report)/.test(
    line,
  )
