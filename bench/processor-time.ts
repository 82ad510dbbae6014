/** Measures the processor time of a program, including its child processes. */
import { execFile } from 'node:child_process'
import { promisify } from 'node:util'

/** In milliseconds. Throws for an exit code that is not in `codes`. */
export async function processorTime(
  command: readonly string[],
  { cwd, env, codes = [0] }: { cwd: string; env: NodeJS.ProcessEnv; codes?: readonly number[] },
): Promise<number> {
  const script = 'TIMEFORMAT="%U %S"; time "$@" >&2; code=$?; exit $code'
  const stderr = await promisify(execFile)('bash', ['-c', script, 'bash', ...command], {
    cwd,
    env,
    maxBuffer: 1e8,
  }).then(
    result => result.stderr,
    error => {
      if (codes.includes(error.code)) return String(error.stderr)
      throw error
    },
  )
  const [user = Number.NaN, system = Number.NaN] = (stderr.trim().split('\n').at(-1) ?? '').split(' ').map(Number)
  return (user + system) * 1000
}
