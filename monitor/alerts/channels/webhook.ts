/** Webhooks: JSON posted to a URL, signed if there is a key. */
import { z } from 'zod'
import { settings, text } from '../../schema-parts.ts'
import { channelUrl } from '../channel-url.ts'
import { httpChannel } from '../http-channel.ts'
import type { Notice } from '../notice.ts'
import type { ChannelRequest } from '../post.ts'
import { webhookBody } from './webhook-body.ts'
import { sign } from './webhook-signature.ts'

export interface WebhookChannel {
  kind: 'webhook'
  url: string
  /**
   * Signs each message so that the receiver can verify the sender; usually a `secret()`. If absent, messages are not
   * signed.
   */
  signingKey?: string
  /** Values may contain secrets. */
  headers?: Record<string, string>
}

/** Posts JSON to a URL, signed if there is a key. */
export function webhook(settings: Omit<WebhookChannel, 'kind'>): WebhookChannel {
  return { kind: 'webhook', ...settings }
}

export const webhookKind = httpChannel<WebhookChannel>({
  kind: 'webhook',
  example: 'webhook({ url })',
  schema: settings(
    {
      kind: z.literal('webhook'),
      url: channelUrl,
      signingKey: text('write a key, or secret("NAME") for one in the environment'),
      headers: z.record(z.string(), z.string()),
    },
    ['kind', 'url'],
  ),
  urlOf: ({ url }) => url,
  requestsOf: (channel, notice, now) => [webhookRequest(channel, notice, now)],
  credentials: ({ signingKey = '', headers = {} }) => [['signingKey', signingKey], ...Object.entries(headers)],
})

/** The body is the same in every attempt; timestamp and signature are those of the attempt. */
function webhookRequest({ signingKey, headers: own = {} }: WebhookChannel, notice: Notice, now: Date): ChannelRequest {
  const { idempotencyKey: id } = notice
  const body = webhookBody(notice)
  const timestamp = Math.floor(now.getTime() / 1000)
  const headers = new Headers(own)
  headers.set('idempotency-key', id)
  headers.set('webhook-id', id)
  headers.set('webhook-timestamp', String(timestamp))
  if (signingKey !== undefined) headers.set('webhook-signature', sign(signingKey, { id, timestamp, body }))
  return { headers, body }
}
