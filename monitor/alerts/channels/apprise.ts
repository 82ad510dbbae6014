/** Apprise's HTTP API, a gateway to many other services: https://github.com/caronc/apprise-api#api-details. */
import { z } from 'zod'
import { settings, text } from '../../schema-parts.ts'
import { channelUrl } from '../channel-url.ts'
import { httpChannel } from '../http-channel.ts'
import { linkLine, linksOf } from '../links.ts'
import { messageText } from '../message-text.ts'
import { linkOf, type Notice, type Urgency, urgencyOf } from '../notice.ts'
import type { ChannelRequest } from '../post.ts'

export interface AppriseChannel {
  kind: 'apprise'
  /** `/notify/KEY` of an Apprise API server; usually a `secret()`. */
  url: string
  /** Which of the services that are stored below the key; default: all. */
  tag?: string
}

/** Posts messages to an Apprise API server, which passes them on to the services that are stored there. */
export function apprise(settings: Omit<AppriseChannel, 'kind'>): AppriseChannel {
  return { kind: 'apprise', ...settings }
}

export const appriseKind = httpChannel<AppriseChannel>({
  kind: 'apprise',
  example: 'apprise({ url })',
  schema: settings({ kind: z.literal('apprise'), url: channelUrl, tag: text('write a tag of Apprise') }, [
    'kind',
    'url',
  ]),
  urlOf: ({ url }) => url,
  requestsOf: ({ tag }, notice) => [appriseRequest(tag, notice)],
  // 204: there is no configuration below the key, and nothing was sent.
  isAccepted: status => status === 200,
})

const types: Record<Urgency, string> = {
  failing: 'failure',
  doubtful: 'warning',
  recovered: 'success',
  information: 'info',
}

function appriseRequest(tag: string | undefined, notice: Notice): ChannelRequest {
  const { title, lines, footer } = messageText(notice.message)
  const body = [...lines, ...footer, ...linksOf(notice).map(linkLine), ...linkOf(notice)].join('\n')
  const type = types[urgencyOf(notice)]
  return { body: JSON.stringify({ title, body, type, format: 'text', ...(tag && { tag }) }) }
}
