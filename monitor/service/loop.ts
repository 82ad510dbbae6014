/** Work that is done again and again: when it is woken, when it asked for it, and soon after a failure. */

export interface Loop {
  /** Has the work done soon, once more if it is under way. */
  wake(): void
  /** Resolves when the work has ended that is under way. */
  stop(): Promise<void>
}

export interface LoopOptions {
  /** Answers in how many milliseconds it has to be done again at the latest; undefined: only when it is woken. */
  work(): Promise<number | undefined>
  /** The work has failed; it is tried again. */
  onError(error: Error): void
  /** The work has been done. */
  onDone?(): void
}

const afterFailureMs = 1000
// Timers take no longer time than 24 days; nobody minds to be asked once a minute.
const longestMs = 60_000

/** Begins at once. */
export function startLoop({ work, onError, onDone }: LoopOptions): Loop {
  let isStopped = false
  let isWoken = true
  let endPause: (() => void) | undefined
  const wake = () => {
    isWoken = true
    endPause?.()
  }
  const pause = (milliseconds = longestMs) =>
    new Promise<void>(resolve => {
      const timer = setTimeout(resolve, Math.min(milliseconds, longestMs))
      endPause = () => {
        clearTimeout(timer)
        resolve()
      }
      if (isWoken || isStopped) endPause()
    })
  const attempt = async () => {
    try {
      const next = await work()
      onDone?.()
      return next
    } catch (error) {
      onError(error as Error)
      // Not sooner, whoever wakes it.
      isWoken = false
      return afterFailureMs
    }
  }
  const running = (async () => {
    while (!isStopped) {
      isWoken = false
      await pause(await attempt())
    }
  })()
  return {
    wake,
    stop: () => {
      isStopped = true
      endPause?.()
      return running
    },
  }
}
