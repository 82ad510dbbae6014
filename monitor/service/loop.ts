/** Loop: runs work when it is woken, when the work has asked for it, and soon after a failure. */

export interface Loop {
  /** Runs the work soon, and once more if it is running. */
  wake(): void
  /** Resolves when the running work has ended. */
  stop(): Promise<void>
}

export interface LoopOptions {
  /** The pause after a failure, in milliseconds; by default a second. */
  afterFailureMs?: number | undefined
  /** Returns in how many milliseconds it has to run again at the latest; undefined: in a minute. */
  work(): Promise<number | undefined>
  /** The work has failed; it is retried. */
  onError(error: Error): void
  /** The work has succeeded. */
  onDone?(): void
}

// setTimeout is limited to 24 days; running once a minute costs little.
const longestMs = 60_000

/** Starts at once. */
export function startLoop({ work, onError, onDone, afterFailureMs = 1000 }: LoopOptions): Loop {
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
      // A wake does not shorten the pause after a failure.
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
