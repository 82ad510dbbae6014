/** Distinguishes a process from a later one with the same id. */
import { execFileSync } from 'node:child_process'
import { readFileSync } from 'node:fs'

/** When a process started, in the system's format; undefined if it does not exist. */
export function startOf(pid: number): string | undefined {
  try {
    if (process.platform === 'linux') {
      // The name in parentheses may contain any character; the start time, in ticks since boot, is the 20th field after it.
      const stat = readFileSync(`/proc/${pid}/stat`, 'utf8')
      const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
      // A zombie has ended.
      return fields[0] === 'Z' ? undefined : fields[19]
    }
    if (process.platform === 'win32') return process.kill(pid, 0) ? String(pid) : undefined
    return execFileSync('ps', ['-o', 'lstart=', '-p', String(pid)], { encoding: 'utf8' }).trim() || undefined
  } catch {
    return undefined
  }
}
