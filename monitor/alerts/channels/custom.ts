/** A function of the configuration that sends messages. */
import { AsyncLocalStorage } from 'node:async_hooks'
import { z } from 'zod'
import { settings } from '../../schema-parts.ts'
import type { Acceptance, Attempt, ChannelKind } from '../channel-kind.ts'
import { NotTaken } from '../not-taken.ts'
import type { Notice } from '../notice.ts'

export interface CustomChannel {
  kind: 'custom'
  /**
   * Resolves when the message is accepted; rejects to be called again later. The error's message is stored and shown to
   * operators. It runs in the process of the monitor, and must not block it.
   */
  send(notice: Notice, context: CustomContext): Promise<void>
}

interface CustomContext {
  /** Aborts when the attempt has timed out. */
  signal: AbortSignal
  /** The value of a variable of the environment, which is redacted in the error's message. */
  secret(name: string): string
}

/** Sends messages by a function. */
export function custom(send: CustomChannel['send']): CustomChannel {
  return { kind: 'custom', send }
}

export const customKind: ChannelKind<CustomChannel> = {
  kind: 'custom',
  example: 'custom(async notice => { ... })',
  schema: settings(
    {
      kind: z.literal('custom'),
      send: z.custom<CustomChannel['send']>(value => typeof value === 'function', {
        error: 'write a function that sends a message, such as custom(async notice => { ... })',
      }),
    },
    ['kind', 'send'],
  ),
  credentials: () => [],
  send,
}

async function send({ send }: CustomChannel, notice: Notice, attempt: Attempt): Promise<Acceptance> {
  const { name, signal, secret, shown } = attempt
  const lost = lostErrors(name, shown)
  let returned: unknown
  try {
    returned = calls.run(lost.report, () => send(notice, { signal, secret }))
    // A function that ignores the signal may never settle.
    await Promise.race([returned, lost.error, aborted(signal)])
  } catch (error) {
    if (signal.aborted) throw new NotTaken(`Channel ${name} did not answer in time.`, 'no answer in time')
    throw new NotTaken(`The function of channel ${name} failed: ${shown(textOf(error))}`, 'the function failed')
  } finally {
    lost.end()
  }
  if (typeof Object(returned).then !== 'function') {
    // It may not have sent the message yet, and nothing would tell that it failed.
    throw new Error(
      `The function of channel ${name} returned no promise, so that it is not known whether the message was sent: make it async, and await what it does.`,
    )
  }
  return { answer: 'the function returned', text: '' }
}

/** What is done with an error that the function neither throws nor rejects with, such as that of a promise which is not awaited. */
const calls = new AsyncLocalStorage<(error: unknown) => void>()

const events = ['unhandledRejection', 'uncaughtException'] as const
let isListening = false

/** Catches such errors, which would end the monitor. */
function lostErrors(name: string, shown: Attempt['shown']) {
  if (!isListening) for (const event of events) process.on(event, error => reportLost(event, error))
  isListening = true
  let reject: ((error: unknown) => void) | undefined
  const error = new Promise<never>((_, no) => {
    reject = no
  })
  error.catch(() => undefined)
  return {
    error,
    report(error: unknown) {
      if (reject) reject(error)
      else {
        process.emitWarning(
          `The function of channel ${name} failed after it had returned: ${shown(textOf(error))}. Await what it does.`,
        )
      }
    },
    end() {
      reject = undefined
    },
  }
}

function reportLost(event: (typeof events)[number], error: unknown): void {
  const report = calls.getStore()
  if (report) report(error)
  // It is no error of such a function, and ends the process as without this listener.
  else if (process.listenerCount(event) === 1) throw error
}

const textOf = (error: unknown) => (error instanceof Error ? error.message : String(error))

/** Rejects when the signal aborts. */
function aborted(signal: AbortSignal): Promise<never> {
  return new Promise((_, reject) => {
    if (signal.aborted) reject(signal.reason)
    else signal.addEventListener('abort', () => reject(signal.reason), { once: true })
  })
}
