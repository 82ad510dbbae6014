/** Builds the package once a worker, for tests that use it in other projects. */
import { execFile } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { mkdir, rm, writeFile } from 'node:fs/promises'
import path from 'node:path'
import { promisify } from 'node:util'
import { test as base } from '@playwright/test'

export const root = path.join(import.meta.dirname, '../..')
export const run = promisify(execFile)

export interface Built {
  /** The folder of the package. */
  built: string
}

export const test = base.extend<object, Built>({
  built: [
    async ({}, use) => {
      const folder = path.join(root, '.reprise', `package-${randomBytes(6).toString('hex')}`)
      await run(process.execPath, ['--import', 'tsx', 'packaging/main.ts', folder], { cwd: root })
      await use(folder)
      await rm(folder, { recursive: true, force: true })
    },
    { scope: 'worker' },
  ],
})

/** The environment of a program in another project: with Playwright's variables, a nested run would count itself as a worker. */
export function otherEnvironment(): NodeJS.ProcessEnv {
  const { TEST_WORKER_INDEX: _index, TEST_PARALLEL_INDEX: _parallel, ...env } = process.env
  return { ...env, CI: '' }
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
