/** Measures how much processor time a process group gets, and how long it waits for it. */
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
 * Of the group's main threads, for a second from now on. Without Linux: of the whole machine. Undefined: it cannot be measured.
 * @param leader The group's process id.
 */
export async function processorUse(leader: number): Promise<ProcessorUse | undefined> {
  try {
    const before = await threadsOf(leader)
    await pause(measuredMs)
    const after = await threadsOf(leader)
    const use = { running: 0, ready: 0 }
    for (const [pid, thread] of after) {
      const earlier = before.get(pid) ?? unborn
      const [runningMs, readyMs] = [thread.runningMs - earlier.runningMs, thread.readyMs - earlier.readyMs]
      // Linux counts the time that a thread has waited when it gets a processor: until then nothing of it shows.
      const hasWaited = thread.isReady && earlier.isReady && runningMs === 0 && readyMs === 0
      use.running += runningMs / measuredMs
      use.ready += hasWaited ? 1 : readyMs / measuredMs
    }
    return use
  } catch {
    return undefined
  }
}

interface Thread {
  runningMs: number
  readyMs: number
  /** It has a processor, or waits for one. */
  isReady: boolean
}

const unborn: Thread = { runningMs: 0, readyMs: 0, isReady: false }

async function threadsOf(leader: number): Promise<ReadonlyMap<number, Thread>> {
  if (process.platform !== 'linux') {
    const busy = cpus().reduce((total, { times: { user, sys } }) => total + user + sys, 0)
    return new Map([[leader, { runningMs: busy, readyMs: 0, isReady: false }]])
  }
  const threads = new Map<number, Thread>()
  for (const { pid, state } of await membersOf(leader)) {
    // One that has ended since was hardly at work.
    const text = await readFile(`/proc/${pid}/schedstat`, 'utf8').catch(() => '0 0')
    const [running = 0, ready = 0] = text.split(' ').map(Number)
    threads.set(pid, { runningMs: running / 1e6, readyMs: ready / 1e6, isReady: state === 'R' })
  }
  return threads
}
