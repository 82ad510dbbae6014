/** Sends what the outbox holds to the channels of a configuration. */
import type { Channel } from '../config/channels.ts'
import type { Send } from '../store/outbox.ts'
import { sendNotice } from './send-notice.ts'

/**
 * Reads secrets from `env` each time, at the moment of use. Links lead to the status page, if its address is known.
 * What it throws names the channel, never a secret.
 */
export function senderOf(
  channels: Readonly<Record<string, Channel>>,
  env: NodeJS.ProcessEnv,
  statusPage?: string,
): Send {
  return async ({ channel: name, message, idempotencyKey, signal }) => {
    const channel = Object.hasOwn(channels, name) ? channels[name] : undefined
    if (!channel) throw new Error(`Channel ${name} is not configured any more, so that nobody can be told.`)
    const notice = { message, idempotencyKey, statusPage }
    await sendNotice({ name, channel, env }, notice, signal)
  }
}
