/** Tells a process from a later one with the same number. */
import { execFileSync } from 'node:child_process'
import { readFileSync } from 'node:fs'

/** When a process began, in the words of the system; undefined if there is none. */
export function startOf(pid: number): string | undefined {
  try {
    if (process.platform === 'linux') {
      // The name in parentheses may hold anything; 19 fields after the next it says when, in ticks since the machine has started.
      const stat = readFileSync(`/proc/${pid}/stat`, 'utf8')
      const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
      // It has ended, and whoever started it has not asked how.
      return fields[0] === 'Z' ? undefined : fields[19]
    }
    if (process.platform === 'win32') return process.kill(pid, 0) ? String(pid) : undefined
    return execFileSync('ps', ['-o', 'lstart=', '-p', String(pid)], { encoding: 'utf8' }).trim() || undefined
  } catch {
    return undefined
  }
}
