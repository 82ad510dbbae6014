/** Loops of the alerts: one for each channel delivers the outbox, and one writes reminders and escalations into it. */
import type pg from 'pg'
import type { Channel } from '../alerts/channels.ts'
import type { IsInMaintenance } from '../store/check-rules.ts'
import type { Send } from '../store/outbox.ts'
import { channelRemoved } from '../store/removed-channels.ts'
import type { CompiledConfiguration } from './compiled-configuration.ts'
import { startDeliveries } from './deliveries.ts'
import type { Loop } from './loop.ts'
import { type Operations, operation } from './operations.ts'
import { startReminders } from './reminders.ts'

interface AlertLoopsOptions extends Pick<Operations, 'watched'> {
  pool: pg.Pool
  /** The active configuration. */
  current(): CompiledConfiguration
  isInMaintenance: IsInMaintenance
  /** Creates the sender of these channels. */
  senderOf(channels: Readonly<Record<string, Channel>>): Send
  complain(text: string): void
}

/** Not for an instance that is muted. */
export function startAlertLoops({
  pool,
  current,
  isInMaintenance,
  senderOf,
  watched,
  complain,
}: AlertLoopsOptions): Loop {
  const sender = () => {
    const { channels } = current().configuration
    return { channels: new Set(Object.keys(channels)), send: senderOf(channels) }
  }
  const deliveries = startDeliveries(pool, sender, {
    ...watched(operation.delivering),
    onRemoved: ({ channel, messages }) =>
      complain(
        `Not sent: ${messages} ${messages === 1 ? 'message' : 'messages'} to ${channel}, since ${channelRemoved}.`,
      ),
  })
  const reminders = startReminders(pool, isInMaintenance, watched('Reminders and escalations cannot be written'))
  return {
    wake: () => {
      deliveries.wake()
      reminders.wake()
    },
    stop: async () => {
      await Promise.all([deliveries.stop(), reminders.stop()])
    },
  }
}
