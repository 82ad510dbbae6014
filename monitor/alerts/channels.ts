/** Channels: where alerts are sent. Each kind has a file in channels/. */
import { z } from 'zod'
import type { ChannelKind } from './channel-kind.ts'
import { type AppriseChannel, appriseKind } from './channels/apprise.ts'
import { type CustomChannel, customKind } from './channels/custom.ts'
import { type DiscordChannel, discordKind } from './channels/discord.ts'
import { type EmailChannel, emailKind } from './channels/email.ts'
import { type ExecChannel, execKind } from './channels/exec.ts'
import { type NtfyChannel, ntfyKind } from './channels/ntfy.ts'
import { type OpsgenieChannel, opsgenieKind } from './channels/opsgenie.ts'
import { type PagerDutyChannel, pagerDutyKind } from './channels/pagerduty.ts'
import { type SlackChannel, slackKind } from './channels/slack.ts'
import { type TeamsChannel, teamsKind } from './channels/teams.ts'
import { type TelegramChannel, telegramKind } from './channels/telegram.ts'
import { type WebhookChannel, webhookKind } from './channels/webhook.ts'

export type Channel =
  | AppriseChannel
  | CustomChannel
  | DiscordChannel
  | EmailChannel
  | ExecChannel
  | NtfyChannel
  | OpsgenieChannel
  | PagerDutyChannel
  | SlackChannel
  | TeamsChannel
  | TelegramChannel
  | WebhookChannel

type Kinds = { [K in Channel['kind']]: ChannelKind<Extract<Channel, { kind: K }>> }

const kinds: Kinds = {
  slack: slackKind,
  webhook: webhookKind,
  email: emailKind,
  pagerduty: pagerDutyKind,
  opsgenie: opsgenieKind,
  teams: teamsKind,
  discord: discordKind,
  telegram: telegramKind,
  ntfy: ntfyKind,
  apprise: appriseKind,
  exec: execKind,
  custom: customKind,
}

/** The kind of a channel. */
export function kindOf<C extends Channel>({ kind }: C): ChannelKind<C> {
  // Each kind's entry is that of its channels.
  return kinds[kind] as unknown as ChannelKind<C>
}

const { slack, ...others } = kinds

/** Validates a channel of any kind. */
export const channelSchema = z.discriminatedUnion(
  'kind',
  [slack.schema, ...Object.values(others).map(({ schema }) => schema)],
  {
    error: `write one of ${Object.values(kinds)
      .map(({ example }) => example)
      .join(', ')}`,
  },
)
