/** Copies a folder as fast as the file system can: with shared blocks where it supports them. */
import { cp } from 'node:fs/promises'
import path from 'node:path'
import { runProgram } from './program.ts'
import type { Account } from './service-account.ts'

/** Creates `target`, owned by the account. Throws an error with both folders. */
export async function copyFolder(source: string, target: string, account: Account | undefined): Promise<void> {
  try {
    await copy(source, target, account)
  } catch (error) {
    throw new Error(
      `${source} cannot be copied to ${target}: ${lastLine(error)}. Check that it has free space and is writable, or set TMPDIR and XDG_CACHE_HOME to other folders.`,
      { cause: error },
    )
  }
}

const copyPrograms: Partial<Record<NodeJS.Platform, readonly string[]>> = {
  linux: ['cp', '-R', '--reflink=auto'],
  darwin: ['cp', '-Rc'],
}

async function copy(source: string, target: string, account: Account | undefined): Promise<void> {
  const [program, ...args] = copyPrograms[process.platform] ?? []
  if (program === undefined) return cp(source, target, { recursive: true, verbatimSymlinks: true })
  await runProgram(program, [...args, source, target], { cwd: path.dirname(target), account })
}

// On a full disk there is a line for every file; one is enough.
function lastLine(error: unknown): string {
  return (error as Error).message.split('\n').at(-1) ?? ''
}
