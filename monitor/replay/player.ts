/** Starts Playwright on the checks of one run, in the run's scratch folder. */
import { mkdir, writeFile } from 'node:fs/promises'
import path from 'node:path'
import { movedReasons, movedTestsVariable, writeMovedTests } from '../../environment/contract/moved-tests.ts'
import { signsVariable } from '../../environment/contract/signs-of-life.ts'
import type { Environment, TargetOptions } from '../../environment/environment.ts'
import type { Run } from '../../postgres/run/run.ts'
import { secretsOf } from '../config/secret-faults.ts'
import { childEnvironment } from './child-environment.ts'
import type { PlannedTest } from './events.ts'
import { writeConfig } from './generated-config.ts'
import type { Plan, PlannedCheck } from './plan.ts'
import { type KnownTests, type PlaywrightRun, runPlaywright, type Supervision } from './playwright-run.ts'
import { findUserConfig } from './user-config.ts'

export interface PlayerOptions {
  run: Run
  /** Of the configuration. */
  folder: string
  /** Where its workers write the ledger to. */
  ledger?: Pick<TargetOptions, 'ledgerFolder' | 'ledgerSocket'>
  /** The environment, and its name. */
  name: string
  environment: Environment
  env: NodeJS.ProcessEnv
}

/** Of the ids of tests: how often each has been tried. */
export type Rest = ReadonlyMap<string, number>

/** One process of a run. */
export interface Turn {
  /** Goes on with the run before: the tests to try, with how often they have been tried. Absent: all of the checks' tests. */
  rest?: Rest
  /** The tests of `rest`, where an earlier process has loaded them. */
  known?: KnownTests
  /** For a process that runs every test by itself (`fullyParallel`); default: those of the environment. */
  workers?: number
  /** The service was found to be unreachable, and these are tests of which no failure is presumed. */
  isAfterOutage?: boolean
  /** These tests would wait for others that hang, and are left to another process. Not where the environment limits `workers`. */
  onWaiting?(tests: KnownTests): void
}

export interface Player {
  /** Where the archives of its processes are: a folder for each run of Playwright, in it one for each process. */
  readonly blobs: string
  /** The environment variables of further processes. */
  readonly env: NodeJS.ProcessEnv
  /** Whether reports leave out pictures of pages, since secrets may be on them. */
  readonly withoutPictures: boolean
  play(checks: readonly PlannedCheck[], supervision: Supervision, turn?: Turn): Promise<PlaywrightRun>
  /** Loads the specs and runs none. */
  list(checks: readonly PlannedCheck[], supervision: Supervision): Promise<PlaywrightRun>
}

export async function openPlayer({
  run,
  folder,
  ledger,
  name,
  environment,
  env: ownEnvironment,
}: PlayerOptions): Promise<Player> {
  const userConfig = await findUserConfig(folder)
  const [temporary, blobs] = [path.join(run.folder, 'tmp'), path.join(run.folder, 'blobs')]
  for (const place of [temporary, blobs]) await mkdir(place, { mode: 0o700 })
  const environmentFor = (temporary: string) => childEnvironment(ownEnvironment, environment.baseURL, temporary)
  const env = environmentFor(temporary)
  const withoutPictures = secretsOf(environment).length > 0 && environment.screenshots !== 'masked'
  let [count, runs] = [0, 0]
  const start = async (
    checks: readonly PlannedCheck[],
    supervision: Supervision,
    { rest, known, workers, onWaiting }: Turn,
    args: (place: string) => Promise<string[]>,
  ) => {
    const title = `process-${String(++count).padStart(3, '0')}`
    if (!rest) runs++
    const place = path.join(run.folder, title)
    const plan: Plan = {
      folder,
      checks: [...checks],
      target: { ...environment, name, ...ledger },
      withoutPictures,
      workers: workers ?? environment.workers ?? 1,
      fullyParallel: workers !== undefined,
      outputFolder: path.join(place, 'output'),
      tried: Object.fromEntries(rest ?? []),
      ...modulesOf(known?.tests),
      blob: path.join(blobs, `run-${runs}`, title, 'report.zip'),
    }
    const config = await writeConfig(place, plan, userConfig)
    const moved = path.join(place, 'moved-tests')
    // What has the same ends with the process, and there may be others.
    const own = path.join(place, 'tmp')
    await mkdir(own, { mode: 0o700 })
    const launch = {
      folder,
      env: { ...environmentFor(own), [movedTestsVariable]: moved, [signsVariable]: path.join(place, 'alive') },
      watchdog: run.watchdog(),
    }
    const all = ['test', '--pass-with-no-tests', '-c', config, ...(await args(place))]
    const leftOut = new Map<string, string>()
    const leaveOut = (tests: readonly PlannedTest[], reason: string) => {
      for (const { id } of tests) leftOut.set(id, reason)
      writeMovedTests(moved, leftOut)
    }
    const move = (known: KnownTests) => {
      leaveOut(known.tests, movedReasons.elsewhere)
      onWaiting?.(known)
    }
    const settled = (tests: readonly PlannedTest[]) => leaveOut(tests, movedReasons.unreachable)
    const waiting = { move, timeoutMs: Math.max(...checks.map(({ timeoutMs }) => timeoutMs)) }
    const mayMove = onWaiting && environment.workers === undefined
    return runPlaywright({ ...launch, args: all }, { ...supervision, onSettled: settled, ...(mayMove && { waiting }) })
  }
  return {
    blobs,
    env,
    withoutPictures,
    play: (checks, supervision, turn = {}) =>
      start(checks, supervision, turn, async place =>
        turn.rest ? lastFailed(path.join(place, 'tests.json'), [...turn.rest.keys()]) : [],
      ),
    list: (checks, supervision) => start(checks, supervision, {}, async () => ['--list']),
  }
}

/** Other files need not be loaded, and may end Playwright when they are. */
function modulesOf(tests: readonly PlannedTest[] | undefined): Pick<Plan, 'modules'> {
  const modules = new Set(tests?.map(({ module }) => module))
  return tests && !modules.has(undefined) ? { modules: [...modules].filter(module => module !== undefined) } : {}
}

/** Playwright's way to name tests that holds whatever their titles are. */
async function lastFailed(file: string, tests: readonly string[]): Promise<string[]> {
  await writeFile(file, JSON.stringify({ status: 'failed', failedTests: tests }), { mode: 0o600 })
  return ['--last-failed', '--last-failed-file', file]
}
