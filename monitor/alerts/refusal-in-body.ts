/** Finds refusals in the bodies of responses whose status is 2xx. */

/** For a refusal that names no status, so that the message is sent again. */
const unnamed = 502

/** `{"ok":false}`, as the APIs of Slack and Telegram write it; with `error_code`, or `error`. */
export function refusalInJson(text: string): number | undefined {
  const { ok, error_code: code, error } = Object(parsed(text))
  if (ok !== false) return undefined
  if (error === 'ratelimited' || error === 'rate_limited') return 429
  return isRefusal(code) ? code : unnamed
}

/** A sentence, as connectors of Teams write it: `Webhook message delivery failed with error: … returned HTTP error 413 with …`. */
export function refusalInSentence(text: string): number | undefined {
  if (!/^\W*Webhook message delivery failed/i.test(text)) return undefined
  const code = Number(/\bHTTP error (\d{3})\b/i.exec(text)?.[1])
  return isRefusal(code) ? code : unnamed
}

const isRefusal = (code: unknown) => Number.isInteger(code) && Number(code) >= 400 && Number(code) < 600

/** Undefined for what is not JSON, such as a body of which only the beginning was read. */
function parsed(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}
