/** Measures how many times longer work takes because other processes use the processors of this machine. */
import { readFileSync } from 'node:fs'
import { availableParallelism, loadavg } from 'node:os'

/** The largest factor: what takes longer hangs. */
const most = 20

/**
 * 1 if a processor is free whenever it is needed; 9 if eight others want it as well. A time limit for work, of this process or
 * another, is multiplied by it.
 */
export function slowdown(schedstat: () => string = () => readFileSync('/proc/self/schedstat', 'utf8')): number {
  return Math.min(Math.max(1, ofThisProcess(schedstat) ?? ofThisMachine()), most)
}

/** Over the time since the start of this process, which is work enough. Undefined except on Linux. */
function ofThisProcess(schedstat: () => string): number | undefined {
  try {
    const [running = 0, waiting = 0] = schedstat().split(' ').map(Number)
    return running > 0 ? (running + waiting) / running : undefined
  } catch {
    return undefined
  }
}

/** By the processes that wanted a processor in the last minute. 0 on Windows, which does not count them. */
function ofThisMachine(): number {
  return (loadavg()[0] ?? 0) / availableParallelism()
}
