/** Waits for the end of a process, for messages. */
import type { ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { setTimeout as delay } from 'node:timers/promises'

/** Resolves with how the process has ended, in words. */
export async function endOfProcess(child: ChildProcess): Promise<string> {
  const closed = once(child, 'close')
  try {
    const [code, signal] = await once(child, 'exit')
    // Output may arrive after the exit; processes that it started may keep its output open for longer.
    await Promise.race([closed, delay(200)])
    return signal ? `was ended by ${signal}` : `ended with exit code ${code}`
  } catch (error) {
    closed.catch(() => undefined)
    return `cannot be run (${error instanceof Error ? error.message : error})`
  }
}
