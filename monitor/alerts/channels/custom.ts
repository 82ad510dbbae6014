/** A function of the configuration that sends messages. */
import { z } from 'zod'
import { settings } from '../../schema-parts.ts'
import type { ChannelKind } from '../channel-kind.ts'
import { NotTaken } from '../not-taken.ts'
import type { Notice } from '../notice.ts'

export interface CustomChannel {
  kind: 'custom'
  /**
   * Resolves when the message is accepted; rejects to be called again later. `signal` aborts when the attempt has timed out.
   * The error's message is stored and shown to operators.
   */
  send(notice: Notice, context: { signal: AbortSignal }): Promise<void>
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
  async send({ send }, notice, { name, signal, shown }) {
    try {
      await send(notice, { signal })
    } catch (error) {
      if (signal.aborted) throw new NotTaken(`Channel ${name} did not answer in time.`, 'no answer in time')
      const text = error instanceof Error ? error.message : String(error)
      throw new NotTaken(`The function of channel ${name} failed: ${shown(text)}`, 'the function failed')
    }
    return { answer: 'the function returned', text: '' }
  },
}
