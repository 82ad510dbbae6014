/** Where alerts go: descriptions that a configuration holds; nothing is sent before the monitor runs. */

export type Channel = SlackChannel | WebhookChannel

interface SlackChannel {
  kind: 'slack'
  /** Of an incoming webhook; usually a `secret()`. */
  url: string
}

interface WebhookChannel {
  kind: 'webhook'
  url: string
  /** Signs every message, so that the receiver knows who sent it; usually a `secret()`. Absent: nothing is signed. */
  signingKey?: string
  /** Values may hold secrets. */
  headers?: Record<string, string>
}

/** Messages in a Slack channel, by the URL of an incoming webhook; also of Mattermost and others that take the same. */
export function slack(settings: Omit<SlackChannel, 'kind'>): SlackChannel {
  return { kind: 'slack', ...settings }
}

/** A POST of JSON to a URL, signed if there is a key. */
export function webhook(settings: Omit<WebhookChannel, 'kind'>): WebhookChannel {
  return { kind: 'webhook', ...settings }
}
