/** One POST, and how it was answered. */

export interface ChannelRequest {
  headers: Headers
  body: string
}

export interface ChannelResponse {
  status: number
  /** The words beside the status. */
  reason: string
  /** The beginning of the body. */
  text: string
}

/** Follows no redirect: it could lead anywhere, with the message. Rejects when there is no response. */
export async function post(url: URL, { headers, body }: ChannelRequest, signal: AbortSignal): Promise<ChannelResponse> {
  headers.set('content-type', 'application/json; charset=utf-8')
  headers.set('user-agent', 'reprise')
  const response = await fetch(url, { method: 'POST', headers, body, redirect: 'manual', signal })
  return { status: response.status, reason: response.statusText, text: await startOf(response) }
}

/** In characters; more than is shown, since secrets are taken out of it first. */
const longest = 4000
/** The status alone says whether the message was taken; its explanation must not take long. */
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
    // It broke off; what has come by then is the response.
  }
  clearTimeout(impatience)
  await cancel()
  return text
}
