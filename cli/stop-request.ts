/** Waits for the request to stop the process: a signal, or the end of the npm script that runs it. */
import { setTimeout as delay } from 'node:timers/promises'

const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const

/** Ctrl-C reaches the process from the terminal and again from npm: within this many milliseconds it is one request. */
const echo = 1000

/** Resolves at the first request. A further one, more than a second later, ends the process. */
export async function stopRequest(): Promise<void> {
  const waiting = new AbortController()
  await Promise.race([firstSignal(), npmEnded(waiting.signal)])
  waiting.abort()
}

function firstSignal(): Promise<void> {
  return new Promise(resolve => {
    const listen = () => {
      resolve()
      setTimeout(() => {
        for (const signal of signals) process.off(signal, listen)
      }, echo).unref()
    }
    for (const signal of signals) process.on(signal, listen)
  })
}

// npm forwards SIGTERM to the shell that runs a script, and some shells exit without forwarding it.
async function npmEnded(waiting: AbortSignal): Promise<void> {
  if (process.env.npm_lifecycle_event === undefined) return new Promise(() => undefined)
  const parent = process.ppid
  while (process.ppid === parent && !waiting.aborted) await delay(500, undefined, { ref: false })
}
