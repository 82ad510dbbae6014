/** What a group of processes does with the processor. */
import { readFile } from 'node:fs/promises'
import { cpus } from 'node:os'
import { setTimeout as pause } from 'node:timers/promises'
import { membersOf } from '../../postgres/run/watchdog/process-group.mjs'

export interface ProcessorUse {
  /** For how much of the time it was at work: 1 is one processor. */
  running: number
  /** For how much of the time it was ready to work and had to wait for a processor. */
  ready: number
}

/** For how long it is measured, in milliseconds. */
const measuredMs = 1000

/**
 * Of the group's main threads, for a second from now on. Without Linux: what all of this machine is at. Undefined: nobody can tell.
 * @param leader The group's process id.
 */
export async function processorUse(leader: number): Promise<ProcessorUse | undefined> {
  try {
    const before = await timesOf(leader)
    await pause(measuredMs)
    const after = await timesOf(leader)
    return {
      running: (after.runningMs - before.runningMs) / measuredMs,
      ready: (after.readyMs - before.readyMs) / measuredMs,
    }
  } catch {
    return undefined
  }
}

async function timesOf(leader: number): Promise<{ runningMs: number; readyMs: number }> {
  if (process.platform !== 'linux') {
    const busy = cpus().reduce((total, { times: { user, sys } }) => total + user + sys, 0)
    return { runningMs: busy, readyMs: 0 }
  }
  const sum = { runningMs: 0, readyMs: 0 }
  for (const { pid } of await membersOf(leader)) {
    // One that has ended since was hardly at work.
    const text = await readFile(`/proc/${pid}/schedstat`, 'utf8').catch(() => '0 0')
    const [running = 0, ready = 0] = text.split(' ').map(Number)
    sum.runningMs += running / 1e6
    sum.readyMs += ready / 1e6
  }
  return sum
}
