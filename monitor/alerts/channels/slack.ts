/** Slack's incoming webhooks; other receivers of the same format show the text only. */
import { z } from 'zod'
import { settings } from '../../schema-parts.ts'
import { channelUrl } from '../channel-url.ts'
import { httpChannel } from '../http-channel.ts'
import { messageText } from '../message-text.ts'
import { linkOf, type Notice } from '../notice.ts'
import type { ChannelRequest } from '../post.ts'

export interface SlackChannel {
  kind: 'slack'
  /** The URL of an incoming webhook; usually a `secret()`. */
  url: string
}

/**
 * Posts messages to Slack through the URL of an incoming webhook; also to Mattermost and others that accept the same
 * JSON.
 */
export function slack(settings: Omit<SlackChannel, 'kind'>): SlackChannel {
  return { kind: 'slack', ...settings }
}

export const slackKind = httpChannel<SlackChannel>({
  kind: 'slack',
  example: 'slack({ url })',
  schema: settings({ kind: z.literal('slack'), url: channelUrl }, ['kind', 'url']),
  urlOf: ({ url }) => url,
  requestsOf: (_channel, notice) => [slackRequest(notice)],
})

/** In characters; Slack rejects more. */
const mostOfSection = 3000

function slackRequest(notice: Notice): ChannelRequest {
  const { idempotencyKey } = notice
  const { title, lines, footer } = messageText(notice.message)
  const [first, last] = [escaped([title, ...lines].join('\n')), escaped([...footer, ...linkOf(notice)].join('\n'))]
  const [heading = '', ...rest] = first.split('\n')
  const section = {
    type: 'section',
    block_id: idempotencyKey,
    text: { type: 'mrkdwn', text: [`*${heading}*`, ...rest].join('\n').slice(0, mostOfSection) },
  }
  const context = { type: 'context', elements: [{ type: 'mrkdwn', text: last }] }
  return {
    headers: new Headers({ 'idempotency-key': idempotencyKey }),
    body: JSON.stringify({ text: `${first}\n${last}`, blocks: [section, context] }),
  }
}

/** Escapes Slack's markup, so that nothing is a link or a mention. */
function escaped(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;')
}
