/** Writes a Playwright project for a benchmark, and runs it as a process. */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { rm } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { projectFolder, root, writeFiles } from '../testing/project-folder.ts'
import { processorTime } from './processor-time.ts'

export interface Project {
  readonly folder: string
  /** Runs the project once. Throws if the run fails. */
  run(env?: NodeJS.ProcessEnv): Promise<void>
  /** Runs it once, and returns the processor time of Playwright and its workers in milliseconds. Throws if the run fails. */
  processorTime(): Promise<number>
  remove(): Promise<void>
}

/** @param specs File names and texts; the root of the repository is at ../../../. */
export async function writeProject(
  specs: Record<string, string>,
  { workers = 1, fullyParallel = true, globalSetup = '../../../postgres/global-setup.ts' } = {},
): Promise<Project> {
  const folder = projectFolder('bench')
  const config = `export default {
    testDir: '.', workers: ${workers}, fullyParallel: ${fullyParallel}, reporter: 'line', outputDir: './results',
    globalSetup: '${globalSetup}',
  }`
  await writeFiles(folder, { 'playwright.config.ts': config, ...specs })
  return {
    folder,
    run: env => run(folder, env),
    processorTime: () => processorTime(command(folder), { cwd: root, env: process.env }),
    remove: () => rm(folder, { recursive: true, force: true }),
  }
}

function command(folder: string): [program: string, ...args: string[]] {
  return [process.execPath, createRequire(import.meta.url).resolve('@playwright/test/cli'), 'test', '-c', folder]
}

async function run(folder: string, env: NodeJS.ProcessEnv = {}): Promise<void> {
  const [program, ...args] = command(folder)
  const child = spawn(program, args, {
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
