/** Measures a run of many checks: processor time against one Playwright process per check, duration against plain Playwright. */
import { execFile } from 'node:child_process'
import { once } from 'node:events'
import { rm } from 'node:fs/promises'
import { createServer } from 'node:http'
import { createRequire } from 'node:module'
import path from 'node:path'
import { promisify } from 'node:util'
import { writeBundles } from '../packaging/bundle.ts'
import { benchFolder, writeChecksProject } from './checks-project.ts'
import { median, sideBySide } from './median.ts'
import { processorTime as timeOf } from './processor-time.ts'
import { runChecks } from './run-checks.ts'
import { duration, ratio, type Section } from './table.ts'

const root = path.join(import.meta.dirname, '..')

export async function measureReplays(short: boolean): Promise<Section> {
  const [checks, rounds, furtherRuns] = short ? [2, 1, 1] : [100, 5, 2]
  const service = createServer((_request, response) => response.end('{}')).listen(0, '127.0.0.1')
  await once(service, 'listening')
  const built = benchFolder()
  const baseURL = `http://127.0.0.1:${Object(service.address()).port}`
  const sources = ['--import', 'tsx', path.join(root, 'cli/main.ts')]
  const program = ['node_modules/reprise/cli/main.js']
  const together = runOf({ perFile: 10, built, command: program })
  const unbuilt = runOf({ perFile: 1, command: sources })
  const spread = runOf({ perFile: 1, built, command: program })
  const runs = short ? [unbuilt, spread] : [together, unbuilt, spread]
  try {
    await execute(process.execPath, ['--import', 'tsx', 'packaging/main.ts', built], root)
    await writeBundles([{ modules: [runsProgram] }], built)
    const cold: number[] = []
    for (const { folder, perFile, command, built } of runs) {
      await writeChecksProject(folder, { ...project, checks, ...(built && { built }), baseURL, perFile })
      // Fills the compile cache, as it is for Playwright's own runs.
      if (!short) await execute(process.execPath, [...command, 'monitor', 'run'], folder)
    }
    for (let round = 0; round < rounds; round++) {
      for (const { folder, command, times, further, bare, built } of runs) {
        const run = [...command, 'monitor', 'run']
        times.push((await processorTime(folder, run)) / checks)
        if (built) further.push((await processorTimeOfFurtherRun(folder, furtherRuns)) / checks)
        bare.push(((await processorTime(folder, bareRun)) + (await processorTime(folder, bareReport))) / checks)
      }
      cold.push(await processorTime(spread.folder, ['playwright', 'test', 'area-1.spec.ts'], 'npx'))
    }
    const share = (of: readonly number[]) => ({
      median: duration(median(of)),
      relation: `1/${(median(cold) / median(of)).toFixed(1)}`,
    })
    const aim = (of: readonly number[]) => ({ target: 'at most 1/40', missed: median(of) * 40 > median(cold) })
    const rowsOf = (what: string, { times, further, bare }: Run) => [
      { what: `per check in one run, ${what}`, ...share(times), ...aim(times) },
      { what: '  in a later run of the same process', ...share(further), ...aim(further) },
      { what: '  plain Playwright with its report, per test', ...share(bare) },
    ]
    const times = await sideBySide(
      {
        run: () => runChecks(spread.folder, { ...process.env, ...secrets }),
        bare: () => bareOnce(spread.folder),
      },
      rounds,
    )
    return {
      title: `A run of ${checks} checks, one spec with one request each, from the command line`,
      rows: [
        { what: 'processor time of a cold npx playwright test', median: duration(median(cold)) },
        ...(short ? [] : rowsOf('ten checks per file', together)),
        ...rowsOf('one check per file', spread),
        { what: '  the run from the sources, without a build', ...share(unbuilt.times) },
        { what: 'duration of plain Playwright with its report', median: duration(times.bare) },
        {
          what: 'duration of a run, with ledger and a secret to redact',
          median: duration(times.run),
          ...ratio(times.run, times.bare, 'plain Playwright', { atMost: 1.05 }),
        },
      ],
    }
  } finally {
    for (const place of [built, ...runs.map(({ folder }) => folder)]) await rm(place, { recursive: true, force: true })
    service.close()
    service.closeAllConnections()
  }
}

interface RunPlan {
  perFile: number
  command: readonly string[]
  built?: string
}

interface Run extends RunPlan {
  folder: string
  /** Processor times, in milliseconds per check. */
  times: number[]
  further: number[]
  bare: number[]
}

const runOf = (plan: RunPlan): Run => ({ ...plan, folder: benchFolder(), times: [], further: [], bare: [] })

const project = {
  cron: '* * * * *',
  request: "'/'",
  headers: "{ authorization: 'Bearer ' + secret('BENCH_TOKEN') }",
}
const secrets = { BENCH_TOKEN: 'canary-of-the-benchmark' }

const processorTime = (folder: string, args: readonly string[], program = process.execPath) =>
  timeOf([program, ...args], { cwd: folder, env: envOf(folder) })

/** The processor time of a run after the first in the same process: the mean of `further` of them. */
async function processorTimeOfFurtherRun(folder: string, further: number): Promise<number> {
  const program = path.join('node_modules/reprise', runsProgram.replace(/ts$/, 'js'))
  const runs = (times: number) => processorTime(folder, [program, folder, String(times)])
  const one = await runs(1)
  return ((await runs(1 + further)) - one) / further
}

const runsProgram = 'bench/runs/main.ts'

/** The same specs with plain Playwright. */
async function bareOnce(folder: string): Promise<void> {
  for (const args of [bareRun, bareReport]) await execute(process.execPath, args, folder)
}

const playwright = createRequire(import.meta.url).resolve('@playwright/test/cli')
const bareRun = [playwright, 'test', '--reporter', 'blob']
const bareReport = [playwright, 'merge-reports', '--reporter', 'html', 'blob-report']

function execute(program: string, args: readonly string[], cwd: string) {
  return promisify(execFile)(program, args, { cwd, env: envOf(cwd), maxBuffer: 1e8 })
}

function envOf(folder: string): NodeJS.ProcessEnv {
  const report = { PLAYWRIGHT_HTML_OPEN: 'never', PLAYWRIGHT_BLOB_OUTPUT_DIR: path.join(folder, 'blob-report') }
  return { ...process.env, ...secrets, ...report }
}
