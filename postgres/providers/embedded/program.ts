/** Runs a program until it exits, under the account of the server. */
import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import type { Account } from './service-account.ts'

/** Throws an error with the program's stderr. */
export async function runProgram(
  file: string,
  args: readonly string[],
  { cwd, account }: { cwd: string; account: Account | undefined },
): Promise<void> {
  try {
    await promisify(execFile)(file, [...args], { cwd, env: programEnvironment(), ...account })
  } catch (error) {
    const { stderr = '', message } = error as Error & { stderr?: string }
    throw new Error(stderr.trim() || message, { cause: error })
  }
}

/** The environment without the user's PGDATA, PGPORT and the like, and with messages in English. */
export function programEnvironment(): NodeJS.ProcessEnv {
  const { PATH, SystemRoot, TEMP } = process.env
  return { PATH, SystemRoot, TEMP, LC_ALL: 'C' }
}
