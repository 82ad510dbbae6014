/** Starts a kept server again whenever it ends. */
import { setTimeout as pause } from 'node:timers/promises'
import type { PersistentServer } from './persistent-server.ts'

export interface RestartEvents {
  /** It has ended, or does not start again; that is tried until it does. */
  onLoss(error: Error): void
  /** It has started again. */
  onReturn(): void
}

/** In milliseconds; it doubles with every failure. */
const pauses = { first: 500, longest: 30_000 }

/** Gives what ends this, once a start that is under way has ended; the server is to be stopped afterwards. */
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
