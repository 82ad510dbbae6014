/** A function of the configuration that sends messages. */
import { z } from 'zod'
import { settings } from '../../schema-parts.ts'
import type { ChannelKind } from '../channel-kind.ts'
import { NotTaken } from '../not-taken.ts'
import type { Notice } from '../notice.ts'

export interface CustomChannel {
  kind: 'custom'
  /**
   * Resolves when the message is accepted; rejects to be called again later. The error's message is stored and shown to
   * operators.
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
  async send({ send }, notice, { name, signal, secret, shown }) {
    try {
      // A function that ignores the signal may never settle.
      await Promise.race([send(notice, { signal, secret }), aborted(signal)])
    } catch (error) {
      if (signal.aborted) throw new NotTaken(`Channel ${name} did not answer in time.`, 'no answer in time')
      const text = error instanceof Error ? error.message : String(error)
      throw new NotTaken(`The function of channel ${name} failed: ${shown(text)}`, 'the function failed')
    }
    return { answer: 'the function returned', text: '' }
  },
}

/** Rejects when the signal aborts. */
function aborted(signal: AbortSignal): Promise<never> {
  return new Promise((_, reject) => {
    if (signal.aborted) reject(signal.reason)
    else signal.addEventListener('abort', () => reject(signal.reason), { once: true })
  })
}
