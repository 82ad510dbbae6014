/** Tells when the process is asked to stop: by a signal, or by the end of the npm script that it is. */
import { setTimeout as delay } from 'node:timers/promises'

const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const

/** A Ctrl-C reaches the process from the terminal and once more from npm, which passes it on: this long it is one request. */
const echo = 1000

/** Resolves at the first request. Who asks again, more than a second later, does not want to wait: that ends the process. */
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

// npm passes a SIGTERM on to the shell in which it runs a script, and some shells die of it without a word to us.
async function npmEnded(waiting: AbortSignal): Promise<void> {
  if (process.env.npm_lifecycle_event === undefined) return new Promise(() => undefined)
  const parent = process.ppid
  while (process.ppid === parent && !waiting.aborted) await delay(500, undefined, { ref: false })
}
