/** Signs messages by the Standard Webhooks specification, for which receivers find libraries. */
import { createHmac } from 'node:crypto'

export interface Signed {
  /** The id of the message: its idempotency key. */
  id: string
  /** Time of sending, in seconds since the epoch. */
  timestamp: number
  body: string
}

/** Returns `v1,` and the base64 of the HMAC-SHA-256 of `ID.TIMESTAMP.BODY`. Throws for an invalid key. */
export function sign(key: string, { id, timestamp, body }: Signed): string {
  return `v1,${createHmac('sha256', keyBytes(key)).update(`${id}.${timestamp}.${body}`).digest('base64')}`
}

/** After the prefix `whsec_` the key is base64; other keys are used as they are. */
function keyBytes(key: string): Buffer {
  const [, encoded] = /^whsec_(.*)$/s.exec(key) ?? []
  if (encoded === undefined) return Buffer.from(key)
  if (!/^[A-Za-z0-9+/]{22,}={0,2}$/.test(encoded)) {
    throw new Error('its signingKey begins with whsec_, so base64 of at least 16 bytes must follow')
  }
  return Buffer.from(encoded, 'base64')
}
