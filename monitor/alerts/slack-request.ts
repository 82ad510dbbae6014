/** Formats a notice for Slack's incoming webhooks; other receivers of the same format show the text only. */
import { messageText } from './message-text.ts'
import { incidentPage, type Notice } from './notice.ts'
import type { ChannelRequest } from './post.ts'

/** In characters; Slack rejects more. */
const mostOfSection = 3000

export function slackRequest({ message, idempotencyKey, statusPage }: Notice): ChannelRequest {
  const { title, lines, footer } = messageText(message)
  const link = incidentPage({ message, statusPage }) ?? statusPage
  const [first, last] = [
    escaped([title, ...lines].join('\n')),
    escaped([...footer, ...(link ? [link] : [])].join('\n')),
  ]
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
