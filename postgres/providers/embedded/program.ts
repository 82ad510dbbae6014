/** Runs a program to its end under the account of the server. */
import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import type { Account } from './service-account.ts'

/** Throws an error that carries what the program wrote to stderr. */
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

/** Without the user's PGDATA, PGPORT and the like, and with messages in one language. */
export function programEnvironment(): NodeJS.ProcessEnv {
  const { PATH, SystemRoot, TEMP } = process.env
  return { PATH, SystemRoot, TEMP, LC_ALL: 'C' }
}
