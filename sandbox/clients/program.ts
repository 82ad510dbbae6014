/** Runs an installed client program against a sandbox. */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { text } from 'node:stream/consumers'
import { findProgram } from '../../testing/installed-programs.ts'

export interface Finished {
  stdout: string
  stderr: string
  /** The exit code. */
  code: number | null
}

/** The Debian package of each program. */
const packages = { psql: 'postgresql-client', pgbench: 'postgresql', pg_dump: 'postgresql-client' }

/** Why a test of this program is skipped; undefined if the program is installed. */
export function whyMissing(program: keyof typeof packages): string | undefined {
  if (findProgram([program], '--version')) return undefined
  return `There is no ${program}: install it (apt-get install ${packages[program]}).`
}

/** Runs without PGHOST, PGSSLMODE and the like from the environment. Throws if the program cannot be started. */
export async function runProgram(file: string, args: string[], input = ''): Promise<Finished> {
  const { PATH, HOME } = process.env
  const child = spawn(file, args, { env: { PATH, HOME, LC_ALL: 'C.UTF-8', PSQLRC: '/dev/null' } })
  // A program that exits early closes its stdin.
  child.stdin.on('error', () => undefined).end(input)
  const [stdout, stderr, [code]] = await Promise.all([text(child.stdout), text(child.stderr), once(child, 'close')])
  return { stdout, stderr, code }
}
