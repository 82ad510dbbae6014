/**
 * The command line `reprise` for tests that start it: bundled by the first of a run. From its sources, tsx would load some 300
 * modules for each process.
 */
import { execFileSync } from 'node:child_process'
import { existsSync, mkdtempSync, renameSync } from 'node:fs'
import path from 'node:path'
import { socketFolder } from '../../postgres/run/run-server.ts'
import { root } from '../project-folder.ts'

/** The program and its first arguments. */
export function commandLine(): string[] {
  const runFolder = socketFolder()
  if (runFolder === undefined) return [process.execPath, '--import', 'tsx', path.join(root, 'cli/main.ts')]
  const folder = path.join(runFolder, 'command-line')
  if (!existsSync(folder)) bundleTo(folder)
  return [process.execPath, path.join(folder, 'main.js')]
}

function bundleTo(folder: string): void {
  const own = mkdtempSync(`${folder}-`)
  const main = path.join(import.meta.dirname, 'main.ts')
  execFileSync(process.execPath, ['--import', 'tsx', main, own], { cwd: root, stdio: ['ignore', 'ignore', 'inherit'] })
  try {
    renameSync(own, folder)
  } catch (error) {
    // Another worker was faster.
    if (!existsSync(folder)) throw error
  }
}
