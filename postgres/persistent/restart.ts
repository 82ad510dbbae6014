/** Restarts a persistent server whenever it ends. */
import { setTimeout as pause } from 'node:timers/promises'
import type { PersistentServer } from './persistent-server.ts'

export interface RestartEvents {
  /** The server has ended, or a restart has failed; restarts are tried until one succeeds. */
  onLoss(error: Error): void
  /** The server has started again. */
  onReturn(): void
}

/** Delays before a restart, in milliseconds; doubled after each failure. */
const pauses = { first: 500, longest: 30_000 }

/** Returns a function that stops restarting and waits for a start in progress. Stop the server after it. */
export function restartWhenLost(server: PersistentServer, { onLoss, onReturn }: RestartEvents): () => Promise<void> {
  const stopping = new AbortController()
  const { signal } = stopping
  const stopped = new Promise<undefined>(resolve => {
    signal.addEventListener('abort', () => resolve(undefined), { once: true })
  })
  const restart = async () => {
    for (let wait = pauses.first; ; wait = Math.min(2 * wait, pauses.longest)) {
      await pause(wait, undefined, { signal }).catch(() => undefined)
      if (signal.aborted) return
      try {
        await server.restart()
        return onReturn()
      } catch (error) {
        onLoss(error as Error)
      }
    }
  }
  const watching = (async () => {
    while (!signal.aborted) {
      const loss = await Promise.race([server.lost, stopped])
      if (loss === undefined) return
      onLoss(loss)
      await restart()
    }
  })()
  return () => {
    stopping.abort()
    return watching
  }
}
