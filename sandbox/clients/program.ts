/** Runs a client program of the system against a sandbox, as a shell would. */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { text } from 'node:stream/consumers'

export interface Finished {
  stdout: string
  stderr: string
  /** The exit code. */
  code: number | null
}

/** Debian's package for each program. */
const packages = { psql: 'postgresql-client', pgbench: 'postgresql', pg_dump: 'postgresql-client', python3: 'python3' }

/** Without the caller's PGHOST, PGSSLMODE and the like. Throws if the program is not installed. */
export async function runProgram(name: keyof typeof packages, args: string[], input = ''): Promise<Finished> {
  const { PATH, HOME } = process.env
  // Debian's Python has Debian's packages; another one that comes first on the PATH has not.
  const file = name === 'python3' ? '/usr/bin/python3' : name
  const child = spawn(file, args, { env: { PATH, HOME, LC_ALL: 'C.UTF-8', PSQLRC: '/dev/null' } })
  const failed = once(child, 'error').then(([cause]) => {
    throw new Error(`${name} cannot be run (Debian has it in ${packages[name]}): ${cause.message}`, { cause })
  })
  child.stdin.on('error', () => undefined).end(input)
  const [stdout, stderr, [code]] = await Promise.race([
    Promise.all([text(child.stdout), text(child.stderr), once(child, 'close')]),
    failed,
  ])
  return { stdout, stderr, code }
}
