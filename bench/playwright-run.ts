/** Writes a Playwright project for a benchmark, and runs it as a process. */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { rm } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { projectFolder, root, writeFiles } from '../testing/project-folder.ts'

export interface Project {
  readonly folder: string
  /** Runs the project once. Throws if the run fails. */
  run(env?: NodeJS.ProcessEnv): Promise<void>
  remove(): Promise<void>
}

/** @param specs File names and texts; the root of the repository is at ../../../. */
export async function writeProject(
  specs: Record<string, string>,
  workers = 1,
  { fullyParallel = true } = {},
): Promise<Project> {
  const folder = projectFolder('bench')
  const config = `export default {
    testDir: '.', workers: ${workers}, fullyParallel: ${fullyParallel}, reporter: 'line', outputDir: './results',
    globalSetup: '../../../postgres/global-setup.ts',
  }`
  await writeFiles(folder, { 'playwright.config.ts': config, ...specs })
  return { folder, run: env => run(folder, env), remove: () => rm(folder, { recursive: true, force: true }) }
}

async function run(folder: string, env: NodeJS.ProcessEnv = {}): Promise<void> {
  const cli = createRequire(import.meta.url).resolve('@playwright/test/cli')
  const child = spawn(process.execPath, [cli, 'test', '-c', folder], {
    cwd: root,
    env: { ...process.env, ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  let output = ''
  for (const stream of [child.stdout, child.stderr])
    stream.on('data', chunk => {
      output += chunk
    })
  const [code] = await once(child, 'close')
  if (code !== 0) throw new Error(`The benchmark's run failed:\n${output}`)
}
