/**
 * Microsoft Teams, through the workflow "Post to a channel when a webhook request is received":
 * https://learn.microsoft.com/microsoftteams/platform/webhooks-and-connectors/how-to/connectors-using#send-adaptive-cards-using-an-incoming-webhook.
 */
import { z } from 'zod'
import { settings } from '../../schema-parts.ts'
import { channelUrl } from '../channel-url.ts'
import { httpChannel } from '../http-channel.ts'
import { linksOf, linkTitle } from '../links.ts'
import { messageText } from '../message-text.ts'
import { linkOf, type Notice, type Urgency, urgencyOf } from '../notice.ts'
import type { ChannelRequest } from '../post.ts'
import { refusalInSentence } from '../refusal-in-body.ts'
import { jsonBytesOf, type Measure } from '../within-most.ts'

export interface TeamsChannel {
  kind: 'teams'
  /** The URL of a workflow; usually a `secret()`. */
  url: string
}

/** Posts an adaptive card to Microsoft Teams through the URL of a workflow. */
export function teams(settings: Omit<TeamsChannel, 'kind'>): TeamsChannel {
  return { kind: 'teams', ...settings }
}

export const teamsKind = httpChannel<TeamsChannel>({
  kind: 'teams',
  example: 'teams({ url })',
  schema: settings({ kind: z.literal('teams'), url: channelUrl }, ['kind', 'url']),
  urlOf: ({ url }) => url,
  requestsOf: (_channel, notice) => [teamsRequest(notice)],
  refusalIn: refusalInSentence,
})

const colours: Record<Urgency, string> = {
  failing: 'attention',
  doubtful: 'warning',
  recovered: 'good',
  information: 'accent',
}

/**
 * Teams refuses more than 28 KB, which it may count as UTF-8 or, with two bytes a character, as UTF-16: in characters of which
 * each has two bytes. With the largest links, the rest of the card has 6 KB.
 */
const limits = {
  title: 1500,
  lines: 6000,
  lengthOf: (text => Math.max(jsonBytesOf(text) / 2, JSON.stringify(text).length)) satisfies Measure,
}

function teamsRequest(notice: Notice): ChannelRequest {
  const { title, lines, footer } = messageText(notice.message, limits)
  const content = {
    $schema: 'http://adaptivecards.io/schemas/adaptive-card.json',
    type: 'AdaptiveCard',
    version: '1.4',
    msteams: { width: 'Full' },
    body: [
      paragraph(title, { weight: 'bolder', size: 'medium', color: colours[urgencyOf(notice)] }),
      ...lines.map(line => paragraph(line, {})),
      ...footer.map(line => paragraph(line, { isSubtle: true, size: 'small' })),
    ],
    actions: [
      ...linkOf(notice).map(url => ({ type: 'Action.OpenUrl', title: 'Status page', url })),
      ...linksOf(notice).map(link => ({ type: 'Action.OpenUrl', title: linkTitle(link), url: link.url })),
    ],
  }
  const attachment = { contentType: 'application/vnd.microsoft.card.adaptive', contentUrl: null, content }
  return { body: JSON.stringify({ type: 'message', attachments: [attachment] }) }
}

/** A TextBlock would read Markdown, so that a name could become a link. */
function paragraph(text: string, style: Record<string, string | boolean>) {
  return { type: 'RichTextBlock', inlines: [{ type: 'TextRun', text, ...style }] }
}
