/** Reads how long a receiver wants to be left alone. */
import type { ChannelResponse } from './post.ts'

/**
 * In milliseconds: of the header `Retry-After` (seconds or a date, RFC 9110), or of the JSON that Telegram and Discord send
 * with 429; 0 for 429 without either.
 */
export function retryAfterMs(
  { status, retryAfter, text }: Omit<ChannelResponse, 'reason'>,
  now: Date,
): number | undefined {
  if (status !== 429 && status !== 503) return undefined
  // 429 is about all messages, also without a time.
  return fromHeader(retryAfter, now) ?? fromBody(text) ?? (status === 429 ? 0 : undefined)
}

function fromHeader(value: string | null, now: Date): number | undefined {
  if (value === null) return undefined
  if (/^\d+(\.\d+)?$/.test(value.trim())) return Number(value) * 1000
  // A date begins with the day of the week. Without that, "-5" would be one.
  const date = /^[a-z]{3,9},? /i.test(value) ? Date.parse(value) : Number.NaN
  return Number.isNaN(date) ? undefined : Math.max(0, date - now.getTime())
}

/** `{"retry_after":1.5}`, or that in `parameters`; in seconds. */
function fromBody(text: string): number | undefined {
  const [, seconds] = /"retry_after"\s*:\s*(\d+(?:\.\d+)?)/.exec(text) ?? []
  return seconds === undefined ? undefined : Number(seconds) * 1000
}
