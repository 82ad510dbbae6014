/** Discord's webhooks: https://docs.discord.com/developers/resources/webhook#execute-webhook. */
import { z } from 'zod'
import { settings } from '../../schema-parts.ts'
import { channelUrl } from '../channel-url.ts'
import { httpChannel } from '../http-channel.ts'
import { linksOf, linkTitle } from '../links.ts'
import { messageText } from '../message-text.ts'
import { linkOf, type Notice, type Urgency, urgencyOf } from '../notice.ts'
import type { ChannelRequest } from '../post.ts'
import { shortened } from '../shortened.ts'
import type { Measure } from '../within-most.ts'

export interface DiscordChannel {
  kind: 'discord'
  /** The URL of a webhook of a Discord channel; usually a `secret()`. */
  url: string
}

/** Posts messages to a Discord channel through the URL of a webhook. */
export function discord(settings: Omit<DiscordChannel, 'kind'>): DiscordChannel {
  return { kind: 'discord', ...settings }
}

export const discordKind = httpChannel<DiscordChannel>({
  kind: 'discord',
  example: 'discord({ url })',
  schema: settings({ kind: z.literal('discord'), url: channelUrl }, ['kind', 'url']),
  urlOf: ({ url }) => url,
  requestsOf: (_channel, notice) => [discordRequest(notice)],
})

const colours: Record<Urgency, number> = {
  failing: 0xb3261e,
  doubtful: 0x8a4b00,
  recovered: 0x1b6b3a,
  information: 0x1d5fbf,
}

/** In characters; of the description, the title, the footer and all texts of an embed together. */
const [mostOfDescription, mostOfTitle, mostOfFooter, mostOfAll] = [4096, 256, 300, 6000]

function discordRequest(notice: Notice): ChannelRequest {
  const fields = linksOf(notice).map(link => ({ name: escaped(linkTitle(link)), value: `<${link.url}>` }))
  const ofFields = fields.reduce((sum, { name, value }) => sum + name.length + value.length, 0)
  const { title, lines, footer } = messageText(notice.message, {
    title: mostOfTitle,
    lines: Math.min(mostOfDescription, mostOfAll - mostOfTitle - mostOfFooter - ofFields),
    lengthOf: escapedLength,
  })
  const [link] = linkOf(notice)
  const embed = {
    title: escaped(title),
    description: escaped(lines.join('\n')),
    color: colours[urgencyOf(notice)],
    fields,
    footer: { text: shortened(footer.join(' '), mostOfFooter) },
    ...(link && { url: link }),
  }
  return { body: JSON.stringify({ embeds: [embed], allowed_mentions: { parse: [] } }) }
}

/** Escapes Discord's Markdown, and URLs. */
const escaped = (text: string) => text.replace(/[\\*_~`|>#[\]()<@:-]/g, character => `\\${character}`)

const escapedLength: Measure = text => escaped(text).length
