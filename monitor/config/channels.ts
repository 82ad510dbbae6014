/** Channels: where alerts are sent. */

export type Channel = SlackChannel | WebhookChannel

interface SlackChannel {
  kind: 'slack'
  /** The URL of an incoming webhook; usually a `secret()`. */
  url: string
}

interface WebhookChannel {
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

/**
 * Posts messages to Slack through the URL of an incoming webhook; also to Mattermost and others that accept the same
 * JSON.
 */
export function slack(settings: Omit<SlackChannel, 'kind'>): SlackChannel {
  return { kind: 'slack', ...settings }
}

/** Posts JSON to a URL, signed if there is a key. */
export function webhook(settings: Omit<WebhookChannel, 'kind'>): WebhookChannel {
  return { kind: 'webhook', ...settings }
}
