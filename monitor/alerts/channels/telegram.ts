/** Telegram's bots: https://core.telegram.org/bots/api#sendmessage. */
import { z } from 'zod'
import { settings, text } from '../../schema-parts.ts'
import { serviceUrl, urlBelow } from '../channel-url.ts'
import { httpChannel } from '../http-channel.ts'
import { linkLine, linksOf } from '../links.ts'
import { messageText } from '../message-text.ts'
import { linkOf, type Notice, urgencyOf } from '../notice.ts'
import type { ChannelRequest } from '../post.ts'
import { refusalInJson } from '../refusal-in-body.ts'

export interface TelegramChannel {
  kind: 'telegram'
  /** Of the bot; usually a `secret()`. */
  token: string
  /** The id of a chat, or `@channelname`. */
  chat: string
  /** Of the Bot API; default `https://api.telegram.org`. */
  url?: string
}

/** Sends messages as a Telegram bot; recoveries and digests without a sound. */
export function telegram(settings: Omit<TelegramChannel, 'kind'>): TelegramChannel {
  return { kind: 'telegram', ...settings }
}

export const telegramKind = httpChannel<TelegramChannel>({
  kind: 'telegram',
  example: 'telegram({ token, chat })',
  schema: settings(
    {
      kind: z.literal('telegram'),
      token: text('write the token of a bot, or secret("NAME") for one in the environment'),
      chat: text('write the id of a chat, such as "-1001234", or "@channelname"'),
      url: serviceUrl('https://api.telegram.org'),
    },
    ['kind', 'token', 'chat'],
  ),
  urlOf: ({ token, url = 'https://api.telegram.org' }) => urlBelow(url, `/bot${token}/sendMessage`),
  requestsOf: ({ chat }, notice) => [telegramRequest(chat, notice)],
  refusalIn: refusalInJson,
  credentials: ({ token }) => [['token', token]],
})

/** In UTF-16 code units, as offsets of entities are counted: of a message, and of its first line. */
const [mostOfAll, mostOfTitle] = [4096, 1000]

function telegramRequest(chat: string, notice: Notice): ChannelRequest {
  const { title, footer } = messageText(notice.message, { title: mostOfTitle })
  const rest = ['', ...footer, ...linksOf(notice).map(linkLine), ...linkOf(notice)].join('\n')
  const { lines } = messageText(notice.message, { lines: mostOfAll - title.length - 1 - rest.length })
  const text = [title, ...lines].join('\n')
  return {
    body: JSON.stringify({
      chat_id: chat,
      text: text + rest,
      // In other plain text, names such as @user and api.example.com become links.
      entities: [{ type: 'pre', offset: 0, length: text.length }],
      disable_notification: notice.message.kind === 'digest' || urgencyOf(notice) === 'recovered',
      link_preview_options: { is_disabled: true },
    }),
  }
}
