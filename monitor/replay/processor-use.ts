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
    const [before, begun] = [await threadsOf(leader), performance.now()]
    await pause(measuredMs)
    const [after, elapsedMs] = [await threadsOf(leader), performance.now() - begun]
    return useBetween(before, after, elapsedMs)
  } catch {
    return undefined
  }
}

/** @param before, after The threads at two times, by process id. */
export function useBetween(before: Threads, after: Threads, elapsedMs: number): ProcessorUse {
  const use = { running: 0, ready: 0 }
  for (const [pid, thread] of after) {
    const earlier = before.get(pid) ?? unborn
    const [runningMs, readyMs] = [thread.runningMs - earlier.runningMs, thread.readyMs - earlier.readyMs]
    // Linux counts the time that a thread has waited when it gets a processor: what it waits for at the end does not show.
    const neverSlept = thread.isReady && earlier.isReady && thread.sleeps === earlier.sleeps
    use.running += runningMs / elapsedMs
    use.ready += (neverSlept ? Math.max(elapsedMs - runningMs, 0) : readyMs) / elapsedMs
  }
  return use
}

type Threads = ReadonlyMap<number, Thread>

interface Thread {
  runningMs: number
  readyMs: number
  /** It has a processor, or waits for one. */
  isReady: boolean
  /** How often it has given up its processor to wait for something else. */
  sleeps: string | undefined
}

const unborn: Thread = { runningMs: 0, readyMs: 0, isReady: false, sleeps: undefined }

async function threadsOf(leader: number): Promise<Threads> {
  if (process.platform !== 'linux') {
    const busy = cpus().reduce((total, { times: { user, sys } }) => total + user + sys, 0)
    return new Map([[leader, { runningMs: busy, readyMs: 0, isReady: false, sleeps: undefined }]])
  }
  const threads = new Map<number, Thread>()
  for (const { pid, state } of await membersOf(leader)) {
    // One that has ended since was hardly at work.
    const [times, status] = await Promise.all(
      ['schedstat', 'status'].map(file => readFile(`/proc/${pid}/${file}`, 'utf8').catch(() => '')),
    )
    const [running = 0, ready = 0] = (times || '0 0').split(' ').map(Number)
    const sleeps = /^voluntary_ctxt_switches:\s*(\d+)/m.exec(status ?? '')?.[1]
    threads.set(pid, { runningMs: running / 1e6, readyMs: ready / 1e6, isReady: state === 'R', sleeps })
  }
  return threads
}
