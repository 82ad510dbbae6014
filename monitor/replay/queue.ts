/** Notices tests that wait behind others that hang: these take no processor time, and do not wait for any. */
import type { PlannedTest } from './events.ts'
import { processorUse } from './processor-use.ts'
import { unitsOf } from './series.ts'

export interface Queue {
  testBegan(id: string): void
  testEnded(id: string): void
  close(): void
}

/** So long, in milliseconds, no test has begun or ended; less where tests have little time. */
const longestStillMs = 5000
/** The share of the time for which a process and its workers may be at work, or ready for it, and yet count as waiting. */
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
  const units = unitsOf(tests)
  const open = new Map(tests.map(test => [test.id, test]))
  const running = new Set<string>()
  const begun = new Set<string>()
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
      const use = await processorUse(leader)
      if (timer === own) look(use !== undefined && use.running + use.ready < busyShare)
    }, stillForMs)
    timer = own
  }
  const look = (isWaiting: boolean) => {
    const left = [...open.values()]
    // What others depend on goes first, however long it takes.
    const isDependent = left.some(({ checks }) => checks.length === 0)
    // A serial suite is tried as a whole.
    const waiting = units.filter(unit => unit.every(({ id }) => open.has(id) && !begun.has(id))).flat()
    if (running.size === 0 || waiting.length === 0 || isDependent || !isWaiting) return restart()
    close()
    onWaiting(waiting.map(({ id }) => id))
  }
  return {
    testBegan: id => {
      running.add(id)
      begun.add(id)
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
