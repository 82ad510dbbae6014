/** Signs messages as the Standard Webhooks specification says, so that receivers find a library that verifies them. */
import { createHmac } from 'node:crypto'

export interface Signed {
  /** The message's id: its idempotency key. */
  id: string
  /** When it was sent, in seconds since the epoch. */
  timestamp: number
  body: string
}

/** `v1,` and the base64 of HMAC-SHA-256 over `ID.TIMESTAMP.BODY`. Throws for a key that is none. */
export function sign(key: string, { id, timestamp, body }: Signed): string {
  return `v1,${createHmac('sha256', keyBytes(key)).update(`${id}.${timestamp}.${body}`).digest('base64')}`
}

/** After `whsec_` stands base64; any other key is taken as it is. */
function keyBytes(key: string): Buffer {
  const [, encoded] = /^whsec_(.*)$/s.exec(key) ?? []
  if (encoded === undefined) return Buffer.from(key)
  if (!/^[A-Za-z0-9+/]{22,}={0,2}$/.test(encoded)) {
    throw new Error('its signingKey begins with whsec_, so that base64 of 16 bytes and more must follow')
  }
  return Buffer.from(encoded, 'base64')
}
