/** Channels: where alerts are sent. Each kind has a file in channels/. */
import { z } from 'zod'
import type { ChannelKind } from './channel-kind.ts'
import { type SlackChannel, slackKind } from './channels/slack.ts'
import { type WebhookChannel, webhookKind } from './channels/webhook.ts'

export type Channel = SlackChannel | WebhookChannel

type Kinds = { [K in Channel['kind']]: ChannelKind<Extract<Channel, { kind: K }>> }

const kinds: Kinds = { slack: slackKind, webhook: webhookKind }

/** Of the channel. */
export function kindOf<C extends Channel>({ kind }: C): ChannelKind<C> {
  // Each kind's entry is that of its channels.
  return kinds[kind] as unknown as ChannelKind<C>
}

/** Validates a channel of any kind. */
export const channelSchema = z.discriminatedUnion('kind', [slackKind.schema, webhookKind.schema], {
  error: `write ${Object.values(kinds)
    .map(({ example }) => example)
    .join(' or ')}`,
})
