/**
 * Generates the configuration of a replay from the user's own: its projects are divided by timeout and retries, and nothing
 * else changes for a spec.
 */
import { existsSync } from 'node:fs'
import { createRequire } from 'node:module'
import path from 'node:path'
import type { PlaywrightTestConfig } from '@playwright/test'
import { takesDetour } from '../../../environment/contract/detours.ts'
import { literal } from '../pattern.ts'
import type { Plan, PlannedCheck } from '../plan.ts'
import { needsWrittenSpec, writtenSuffix } from '../written-spec.ts'
import { boundOutput } from './bounded-output.ts'
import { giveSigns } from './signs-of-life.ts'
import { quickenStackTraces } from './stack-traces.ts'

type Config = PlaywrightTestConfig<object, object>
type Project = NonNullable<Config['projects']>[number]

/**
 * The checks that share a project of the user's, a timeout and a number of retries share a generated project: Playwright
 * starts a worker for each project.
 * @param userFile The file of the user's configuration, if there is one.
 */
export function replayConfig(
  plan: Plan,
  user: Config = {},
  userFile = path.join(plan.folder, 'playwright.config.ts'),
): Config {
  const worker = process.env.TEST_WORKER_INDEX
  if (worker !== undefined) {
    boundOutput()
    quickenStackTraces()
    giveSigns(worker)
  }
  const userFolder = path.dirname(userFile)
  const { projects: _, webServer: _webServer, grep: _grep, shard: _shard, ...kept } = user
  const projects = (user.projects ?? [{}]).map(project => inherited(project, user, userFolder))
  // Playwright begins with the first: what hangs longest is no reason for others to wait.
  const generated = projects
    .flatMap(project => projectsOf(project, plan))
    .sort((a, b) => (a.timeout ?? 0) - (b.timeout ?? 0))
  return {
    ...kept,
    testDir: plan.folder,
    projects: [
      ...generated,
      ...dependenciesOf(generated, projects).map(project => equipped(project, plan, plan.checks)),
    ],
    ...absolute(user, 'globalSetup', userFolder),
    ...absolute(user, 'globalTeardown', userFolder),
    ...absolute(user, 'tsconfig', userFolder),
    outputDir: plan.outputFolder,
    reporter: [
      [
        path.join(import.meta.dirname, `reporter${path.extname(import.meta.filename)}`),
        { takesDetour: projects.some(({ use }) => takesDetour(use)) },
      ],
      ['blob', { outputFile: plan.blob }],
    ],
    workers: plan.workers,
    ...(plan.fullyParallel && { fullyParallel: true }),
    // A `.only` that was left behind would exclude the specs of other checks.
    forbidOnly: true,
    globalTimeout: 0,
    maxFailures: 0,
    updateSnapshots: 'none',
    reportSlowTests: null,
    quiet: false,
    // Playwright takes a failed test that has not ended its worker for one with the expected result.
    preserveOutput: 'always',
    metadata: {
      projects: projects.map(({ name = '' }) => name),
      tried: plan.tried,
      confirmed: plan.checks.flatMap(({ check, isConfirmed }) => (isConfirmed ? check : [])),
    },
  }
}

/** The project with what it takes from the whole configuration, and with absolute paths. */
function inherited(project: Project, user: Config, folder: string): Project {
  const testDir = path.resolve(folder, project.testDir ?? user.testDir ?? '.')
  const grep = project.grep ?? user.grep
  const testIgnore = project.testIgnore ?? user.testIgnore
  const snapshots = project.snapshotDir ?? user.snapshotDir
  const template = project.snapshotPathTemplate ?? user.snapshotPathTemplate
  return {
    ...project,
    testDir,
    respectGitIgnore: project.respectGitIgnore ?? user.respectGitIgnore ?? !(project.testDir ?? user.testDir),
    repeatEach: 1,
    use: { ...user.use, ...project.use },
    ...(grep && { grep }),
    ...(testIgnore && { testIgnore }),
    ...(snapshots && { snapshotDir: path.resolve(folder, snapshots) }),
    ...(template && { snapshotPathTemplate: template.startsWith('{') ? template : path.resolve(folder, template) }),
  }
}

function projectsOf(project: Project, plan: Plan): Project[] {
  const { name = '' } = project
  const groups = new Map<string, PlannedCheck[]>()
  for (const check of plan.checks) {
    if (check.projects.length > 0 && !check.projects.includes(name)) continue
    const key = `${check.timeoutMs} ${check.retries}`
    groups.set(key, [...(groups.get(key) ?? []), check])
  }
  return [...groups.values()].map(checks => ({
    ...equipped(project, plan, checks),
    // The same for all: specs read it, and the names of snapshots have it. Playwright tells projects apart by ids of its own.
    name,
    timeout: checks[0]?.timeoutMs ?? 0,
    retries: checks[0]?.retries ?? 0,
    testIgnore: [
      ...[project.testIgnore ?? []].flat(),
      ...otherFiles(checks, plan.folder),
      ...otherModules(plan.modules),
    ],
    grep: grepOf(checks, [project.grep ?? []].flat()),
  }))
}

/** With the environment, for the tests of these checks. */
function equipped(project: Project, plan: Plan, checks: readonly PlannedCheck[]): Project {
  const { target, withoutPictures } = plan
  const trace = Object(project.use).trace
  const launchOptions = Object(project.use).launchOptions
  // Playwright waits for three minutes, whatever the test's timeout, which would look like a test in an endless loop.
  const launchTimeout = Math.min(...checks.map(({ timeoutMs }) => timeoutMs))
  const use = {
    ...project.use,
    launchOptions: { ...launchOptions, timeout: Math.min(launchOptions?.timeout || launchTimeout, launchTimeout) },
    baseURL: target.baseURL,
    target: { ...target, replays: checks.map(({ check, id, pattern }) => ({ check, id, pattern })) },
    ...(withoutPictures && {
      screenshot: 'off',
      video: 'off',
      ...(trace && { trace: { ...(typeof trace === 'string' ? { mode: trace } : trace), screenshots: false } }),
    }),
  }
  return { ...project, use: use as NonNullable<Project['use']> }
}

/** A pattern of the files that none of the checks names, so that they are not even loaded. */
function otherFiles(checks: readonly PlannedCheck[], folder: string): RegExp[] {
  const files = checks.flatMap(({ files = [] }) => files)
  if (checks.some(check => check.files === undefined)) return []
  return [allBut([...new Set(files)].map(file => specPattern(file, folder)))]
}

/** A pattern of the files that a process need not load, where it is known which tests it is to try. */
function otherModules(modules: readonly string[] | undefined): RegExp[] {
  return modules ? [allBut(modules.map(pathPattern))] : []
}

/** Of all paths but those that one of the patterns matches. */
function allBut(paths: readonly string[]): RegExp {
  return new RegExp(`^(?!(?:${paths.join('|') || '(?!)'})$)`)
}

const pathPattern = (name: string) => name.split(/[\\/]/).map(literal).join('[\\\\/]')

function specPattern(file: string, folder: string): string {
  return needsWrittenSpec(file)
    ? `.*[\\\\/]${pathPattern(path.relative(folder, file))}${writtenSuffix}`
    : pathPattern(file)
}

/** One for each check, and for each of the project's own, which has to fit as well. */
function grepOf(checks: readonly PlannedCheck[], own: readonly RegExp[]): RegExp[] {
  return checks.flatMap(({ pattern: { source, flags } }) => {
    if (own.length === 0) return [new RegExp(source, flags)]
    return own.map(one => {
      const union = [...new Set(`${flags}${one.flags.replace(/[gyd]/g, '')}`)].join('')
      return new RegExp(`^(?=[^]*?(?:${one.source}))(?=[^]*?(?:${source}))`, union)
    })
  })
}

/** The projects that the generated ones depend on, directly or not, such as one that logs in, and their teardowns. */
function dependenciesOf(generated: readonly Project[], projects: readonly Project[]): Project[] {
  const found = new Set<Project>()
  const add = (names: readonly string[]) => {
    for (const project of projects) {
      if (found.has(project) || !names.includes(project.name ?? '')) continue
      found.add(project)
      add([...(project.dependencies ?? []), ...(project.teardown ? [project.teardown] : [])])
    }
  }
  add(generated.flatMap(({ dependencies = [] }) => dependencies))
  const taken = new Set([...found].map(({ name }) => name))
  for (const { teardown } of generated) {
    // Playwright wants its name to be that of one project.
    const named = generated.filter(({ name }) => name === teardown)
    for (const project of named.slice(1)) project.name = `${project.name} (checks)`
  }
  for (const project of generated) if (taken.has(project.name)) project.name = `${project.name} (checks)`
  return [...found]
}

function absolute(user: Config, setting: 'globalSetup' | 'globalTeardown' | 'tsconfig', folder: string): Config {
  const value = user[setting]
  if (value === undefined) return {}
  const resolved = [value].flat().map(script => resolvedFrom(folder, script))
  return { [setting]: Array.isArray(value) ? resolved : resolved[0] }
}

/** A file, or else a module of a package, as Playwright resolves it; one that is not found is left for Playwright to report. */
function resolvedFrom(folder: string, script: string): string {
  const file = path.resolve(folder, script)
  if (existsSync(file)) return file
  try {
    return createRequire(path.join(folder, 'any.js')).resolve(script)
  } catch {
    return script.startsWith('.') ? file : script
  }
}
