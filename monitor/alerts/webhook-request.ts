/** Formats a notice for a webhook: JSON, signed if there is a key. */
import type { Channel } from '../config/channels.ts'
import { incidentPage, type Notice } from './notice.ts'
import type { ChannelRequest } from './post.ts'
import { sign } from './signature.ts'

/** The body is the same in every attempt; timestamp and signature are those of the attempt. */
export function webhookRequest(
  { signingKey, headers: own = {} }: Extract<Channel, { kind: 'webhook' }>,
  { message, idempotencyKey: id, statusPage }: Notice,
  now: Date,
): ChannelRequest {
  const page = incidentPage({ message, statusPage })
  const links = { ...(statusPage && { statusPage }), ...(page && { incidentPage: page }) }
  const body = JSON.stringify({ version: 1, idempotencyKey: id, ...message, ...links })
  const timestamp = Math.floor(now.getTime() / 1000)
  const headers = new Headers(own)
  headers.set('idempotency-key', id)
  headers.set('webhook-id', id)
  headers.set('webhook-timestamp', String(timestamp))
  if (signingKey !== undefined) headers.set('webhook-signature', sign(signingKey, { id, timestamp, body }))
  return { headers, body }
}
