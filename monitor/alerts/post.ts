/** Posts a request, and reads the beginning of the response. */
import { resolvableForFetch } from '../resolvable-name.ts'

export interface ChannelRequest {
  /** Resolved against the channel's URL; absent: that itself. */
  path?: string
  headers?: Headers
  body: string
}

export interface ChannelResponse {
  status: number
  /** The reason phrase of the status. */
  reason: string
  /** The beginning of the body. */
  text: string
  /** The header `Retry-After`. */
  retryAfter: string | null
}

/** Does not follow redirects, which could take the message anywhere. Rejects if there is no response. */
export async function post(
  url: URL,
  { path, headers = new Headers(), body }: ChannelRequest,
  signal: AbortSignal,
): Promise<ChannelResponse> {
  headers.set('content-type', 'application/json; charset=utf-8')
  headers.set('user-agent', 'reprise')
  const target = path === undefined ? url : new URL(path, url)
  await resolvableForFetch(target.hostname, signal)
  const response = await fetch(target, { method: 'POST', headers, body, redirect: 'manual', signal })
  const { status, statusText: reason } = response
  return { status, reason, text: await startOf(response), retryAfter: response.headers.get('retry-after') }
}

/** In characters. More than is shown, because secrets are redacted first. */
const longest = 4000
/** How long to wait for the body, in milliseconds: the status alone decides whether the message was accepted. */
const patienceMs = 250

async function startOf({ body }: Response): Promise<string> {
  if (!body) return ''
  const reader = body.getReader()
  const cancel = () => reader.cancel().catch(() => undefined)
  const impatience = setTimeout(cancel, patienceMs)
  const decoder = new TextDecoder()
  let text = ''
  try {
    for (let chunk = await reader.read(); !chunk.done && text.length < longest; chunk = await reader.read()) {
      text += decoder.decode(chunk.value, { stream: true })
    }
  } catch {
    // The connection broke; what has arrived is the body.
  }
  clearTimeout(impatience)
  await cancel()
  return text
}
