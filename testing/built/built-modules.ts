/**
 * The modules of the package, for processes that tests start: built once a run, by the first worker that needs them. From the
 * sources, Playwright and tsx would pass each of some 200 modules through their hooks, in each process.
 */
import { execFileSync } from 'node:child_process'
import { existsSync, mkdirSync } from 'node:fs'
import path from 'node:path'
import { socketFolder } from '../../postgres/run/run-server.ts'
import { root } from '../project-folder.ts'

/** The command line `reprise`: the program and its first arguments. */
export const commandLine = (): string[] => builtProgram('cli/main')

/** A program of this repository that `main.ts` lists, and its first arguments. @param module As for `builtModule`. */
export function builtProgram(module: string): string[] {
  const main = builtModule(module)
  return main.endsWith('.ts') ? [process.execPath, '--import', 'tsx', main] : [process.execPath, main]
}

/**
 * The file of a module; its source where there is no run.
 * @param module Its path from the root without an ending, such as `fixtures/index`.
 */
export function builtModule(module: string): string {
  return path.join(builtPackage(), socketFolder() === undefined ? `${module}.ts` : `${module}.js`)
}

/** The folder that projects can link to as the package `reprise`; the repository where there is no run. */
export function builtPackage(): string {
  const runFolder = socketFolder()
  if (runFolder === undefined) return root
  // What is in a folder of this name is loaded by Playwright as it is.
  const folder = path.join(runFolder, 'node_modules/reprise')
  if (!existsSync(folder)) buildTo(folder)
  return folder
}

/** What a project in a `projectFolder` imports: a module, named as for `builtModule`. */
export function imported(module: string): string {
  return socketFolder() === undefined ? `../../../${module}.ts` : builtModule(module)
}

function buildTo(folder: string): void {
  mkdirSync(path.dirname(folder), { recursive: true })
  const args = ['--import', 'tsx', path.join(import.meta.dirname, 'main.ts')]
  execFileSync(process.execPath, args, { cwd: root, stdio: ['ignore', 'ignore', 'inherit'] })
}
