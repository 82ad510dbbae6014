/** Sends messages of the outbox to the channels of a configuration. */
import type { Send } from '../store/outbox.ts'
import type { Channel } from './channels.ts'
import { sendNotice } from './send-notice.ts'

/**
 * Reads secrets from `env` for each message. Links to the status page, if its URL is known. Its errors name the
 * channel, and contain no secrets.
 * @param onRemark Called with what is wrong although the message was accepted.
 */
export function senderOf(
  channels: Readonly<Record<string, Channel>>,
  env: NodeJS.ProcessEnv,
  statusPage?: string,
  onRemark: (text: string) => void = () => undefined,
): Send {
  return async ({ channel: name, message, idempotencyKey, signal, accepted, remark: store }) => {
    const channel = Object.hasOwn(channels, name) ? channels[name] : undefined
    if (!channel) throw new Error(`Channel ${name} is not configured any more, so its messages cannot be sent.`)
    const notice = { message, idempotencyKey, statusPage }
    const { remark } = await sendNotice({ name, channel, env }, notice, signal, accepted)
    if (remark === undefined) return
    store(remark)
    onRemark(`Channel ${name}: ${remark}`)
  }
}
