/** Notices tests that wait behind others that hang: these take no processor time, and do not wait for any. */
import { readFile } from 'node:fs/promises'
import { cpus } from 'node:os'
import { setTimeout as pause } from 'node:timers/promises'
import { membersOf } from '../../postgres/watchdog/process-group.mjs'
import type { PlannedTest } from './events.ts'

export interface Queue {
  testBegan(id: string): void
  testEnded(id: string): void
  close(): void
}

/** So long, in milliseconds, no test has begun or ended; less where tests have little time. */
const longestStillMs = 5000
/** Then it is measured for so long, in milliseconds, what they do. */
const measuredMs = 1000
/** The share of that time for which a process and its workers may be at work, or ready for it, and yet count as waiting. */
const busyShare = 0.3

/**
 * @param leader Of the group of processes that run the tests.
 * @param timeoutMs Of a test.
 * @param onWaiting Called at most once, with the ids of tests that have not begun.
 */
export function watchQueue(
  leader: number,
  tests: readonly PlannedTest[],
  timeoutMs: number,
  onWaiting: (tests: readonly string[]) => void,
): Queue {
  const stillForMs = Math.min(longestStillMs, timeoutMs / 4)
  const open = new Map(tests.map(test => [test.id, test]))
  const running = new Set<string>()
  let timer: NodeJS.Timeout | undefined
  let isClosed = false
  const close = () => {
    isClosed = true
    clearTimeout(timer)
    timer = undefined
  }
  const restart = () => {
    if (isClosed) return
    clearTimeout(timer)
    const own = setTimeout(async () => {
      const isWaiting = (await busyShareOf(leader)) < busyShare
      if (timer === own) look(isWaiting)
    }, stillForMs)
    timer = own
  }
  const look = (isWaiting: boolean) => {
    const left = [...open.values()]
    // What others depend on goes first, however long it takes.
    const isDependent = left.some(({ checks }) => checks.length === 0)
    const waiting = left.filter(({ id, isApart }) => isApart && !running.has(id))
    if (running.size === 0 || waiting.length === 0 || isDependent || !isWaiting) return restart()
    close()
    onWaiting(waiting.map(({ id }) => id))
  }
  return {
    testBegan: id => {
      running.add(id)
      restart()
    },
    testEnded: id => {
      running.delete(id)
      open.delete(id)
      restart()
    },
    close,
  }
}

/** Of a group's time from now on. What nobody can tell counts as being at work. */
async function busyShareOf(leader: number): Promise<number> {
  try {
    const before = await busyMs(leader)
    await pause(measuredMs)
    return ((await busyMs(leader)) - before) / measuredMs
  } catch {
    return 1
  }
}

/** How long a group has been at work and ready for it, in milliseconds. Without Linux: how long this machine has been at work. */
async function busyMs(leader: number): Promise<number> {
  if (process.platform !== 'linux') {
    return cpus().reduce((total, { times: { user, sys } }) => total + user + sys, 0)
  }
  const times = (await membersOf(leader)).map(async ({ pid }) => {
    const [running = 0, ready = 0] = (await readFile(`/proc/${pid}/schedstat`, 'utf8').catch(() => '0 0'))
      .split(' ')
      .map(Number)
    return (running + ready) / 1e6
  })
  return (await Promise.all(times)).reduce((total, each) => total + each, 0)
}
