/** ntfy, at ntfy.sh or a server of one's own: https://docs.ntfy.sh/publish/#publish-as-json. */
import { z } from 'zod'
import { settings, text } from '../../schema-parts.ts'
import { serviceUrl } from '../channel-url.ts'
import { httpChannel } from '../http-channel.ts'
import { linksOf, linkTitle } from '../links.ts'
import { messageText } from '../message-text.ts'
import { linkOf, type Notice, type Urgency, urgencyOf } from '../notice.ts'
import type { ChannelRequest } from '../post.ts'
import { jsonBytesOf } from '../within-most.ts'

export interface NtfyChannel {
  kind: 'ntfy'
  /** Whoever knows the name can read it; usually a `secret()`. */
  topic: string
  /** Of the server; default `https://ntfy.sh`. */
  url?: string
  /** An access token; usually a `secret()`. */
  token?: string
}

/** Publishes messages to a topic of ntfy, with a priority. */
export function ntfy(settings: Omit<NtfyChannel, 'kind'>): NtfyChannel {
  return { kind: 'ntfy', ...settings }
}

export const ntfyKind = httpChannel<NtfyChannel>({
  kind: 'ntfy',
  example: 'ntfy({ topic })',
  schema: settings(
    {
      kind: z.literal('ntfy'),
      topic: text('write the name of a topic, or secret("NAME") for one in the environment'),
      url: serviceUrl('https://ntfy.sh'),
      token: text('write an access token, or secret("NAME") for one in the environment'),
    },
    ['kind', 'topic'],
  ),
  urlOf: ({ url = 'https://ntfy.sh' }) => url,
  requestsOf: (channel, notice) => [ntfyRequest(channel, notice)],
  credentials: ({ topic, token = '' }) => [
    ['topic', topic],
    ['token', token],
  ],
})

/** From 1 to 5; 3 is the default. */
const priorities: Record<Urgency, number> = { failing: 5, doubtful: 4, recovered: 3, information: 3 }
const tags: Record<Urgency, string> = {
  failing: 'rotating_light',
  doubtful: 'warning',
  recovered: 'white_check_mark',
  information: 'information_source',
}

/**
 * In bytes of JSON. ntfy accepts messages of 4096 bytes, and requests of 8192, with up to three links and what JSON escapes.
 */
const [mostOfTitle, mostOfLines] = [1000, 3700]

function ntfyRequest({ topic, token }: NtfyChannel, notice: Notice): ChannelRequest {
  const limits = { title: mostOfTitle, lines: mostOfLines, lengthOf: jsonBytesOf }
  const { title, lines, footer } = messageText(notice.message, limits)
  const urgency = urgencyOf(notice)
  const [link] = linkOf(notice)
  const body = {
    topic,
    title,
    message: [...lines, ...footer].join('\n'),
    priority: priorities[urgency],
    tags: [tags[urgency]],
    ...(link && { click: link }),
    // It accepts three.
    actions: linksOf(notice)
      .slice(0, 3)
      .map(link => ({ action: 'view', label: linkTitle(link), url: link.url })),
  }
  return {
    headers: new Headers(token === undefined ? {} : { authorization: `Bearer ${token}` }),
    body: JSON.stringify(body),
  }
}
