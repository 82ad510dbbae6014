/** Slack's incoming webhooks; other receivers of the same format show the text only. */
import { z } from 'zod'
import { settings } from '../../schema-parts.ts'
import { channelUrl } from '../channel-url.ts'
import { httpChannel } from '../http-channel.ts'
import { linkLine, linksOf } from '../links.ts'
import { messageText } from '../message-text.ts'
import { linkOf, type Notice } from '../notice.ts'
import type { ChannelRequest } from '../post.ts'
import { refusalInJson } from '../refusal-in-body.ts'
import { shortened } from '../shortened.ts'
import { withinMost } from '../within-most.ts'

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
  refusalIn: refusalInJson,
})

/** In characters; Slack rejects more. */
const [mostOfHeader, mostOfSection] = [150, 3000]

function slackRequest(notice: Notice): ChannelRequest {
  const { idempotencyKey } = notice
  const { title, lines, footer } = messageText(notice.message)
  const header = messageText(notice.message, { title: mostOfHeader }).title
  const about = footer.map(escaped).join('\n')
  const page = linkOf(notice).map(escaped).join('\n')
  const links = withinMost(linksOf(notice).map(linkLine), {
    most: mostOfSection - `${about}\n\n${page}`.length,
    lengthOf: text => escaped(text).length,
  })
  const last = [about, ...links.map(escaped), page].filter(text => text !== '').join('\n')
  const blocks = [
    { type: 'header', block_id: idempotencyKey, text: plainText(header) },
    ...sectionsOf(title.length > mostOfHeader ? [title, ...lines] : lines),
    { type: 'context', elements: [{ type: 'mrkdwn', text: last }] },
  ]
  return {
    headers: new Headers({ 'idempotency-key': idempotencyKey }),
    body: JSON.stringify({ text: `${escaped([title, ...lines].join('\n'))}\n${last}`, blocks }),
  }
}

/** Without markup: neither a name in `*` nor a mention has a meaning. */
const plainText = (text: string) => ({ type: 'plain_text', text, emoji: false })

/** Sections of whole lines. */
function sectionsOf(lines: readonly string[]) {
  const texts: string[] = []
  for (const line of lines.map(line => shortened(line, mostOfSection))) {
    const longer = `${texts.at(-1)}\n${line}`
    if (texts.length > 0 && longer.length <= mostOfSection) texts[texts.length - 1] = longer
    else texts.push(line)
  }
  return texts.map(text => ({ type: 'section', text: plainText(text) }))
}

/** Escapes Slack's markup, so that nothing is a link or a mention; Mattermost has mentions without markup. */
function escaped(text: string): string {
  const [and, less, more] = ['&amp;', '&lt;', '&gt;']
  return text
    .replaceAll('&', and)
    .replaceAll('<', less)
    .replaceAll('>', more)
    .replace(/@(?=all|channel|everyone|here)/gi, '@\u200b')
}
