/** Finds who gets messages about the monitor itself while its database, and so the outbox, cannot be used. */
import type { Channel } from '../alerts/channels.ts'
import type { Send } from '../store/outbox.ts'
import { channelsBy, channelsOfChecks } from '../store/recipients.ts'
import type { CompiledConfiguration } from './compiled-configuration.ts'

/** By the alert rules of this configuration. */
export function troubleSender(
  { configuration, rules }: CompiledConfiguration,
  senderOf: (channels: Readonly<Record<string, Channel>>) => Send,
): { channels: readonly string[]; send: Send } {
  const { alertRules, channels } = configuration
  const ofChecks = channelsOfChecks(alertRules, rules)
  return {
    channels: channelsBy(alertRules, { kind: 'trouble', severity: 'critical' }, ofChecks),
    send: senderOf(channels),
  }
}
