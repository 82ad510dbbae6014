/** Empties the outbox: each channel has a loop of its own, so that one that hangs or refuses delays no other. */
import type pg from 'pg'
import { deliverNext, muteWaiting, nextDeliveryInMs, type Send } from '../store/outbox.ts'
import { closeRemovedChannels, type RemovedChannel } from '../store/removed-channels.ts'
import { readWaitingChannels } from '../store/waiting-channels.ts'
import { type Loop, startLoop } from './loop.ts'

export interface Sender {
  /** Those of the configuration in force: what waits for others is left to the instances that have them. */
  channels: ReadonlySet<string>
  send: Send
}

export interface DeliveryEvents {
  onError(error: Error): void
  /** Nothing fails any more. */
  onDone(): void
  /** What waited for a channel was closed, since no check has it any more. */
  onRemoved(removed: RemovedChannel): void
}

/** @param sender `muted`: what waits is closed without being sent. Asked anew for each message. */
export function startDeliveries(pool: pg.Pool, sender: () => Sender | 'muted', events: DeliveryEvents): Loop {
  const deliverers = new Map<string, Loop>()
  const ending = new Set<Promise<void>>()
  const failing = new Set<string | undefined>()
  const eventsOf = (channel?: string) => ({
    onError: (error: Error) => {
      failing.add(channel)
      events.onError(error)
    },
    onDone: () => {
      failing.delete(channel)
      if (failing.size === 0) events.onDone()
    },
  })
  const end = (channel: string, deliverer: Loop) => {
    deliverers.delete(channel)
    const ended = deliverer.stop().finally(() => {
      failing.delete(channel)
      ending.delete(ended)
    })
    ending.add(ended)
  }
  const coordinator = startLoop({
    ...eventsOf(),
    work: async () => {
      const current = sender()
      if (current === 'muted') {
        await muteWaiting(pool)
        return undefined
      }
      for (const removed of await closeRemovedChannels(pool)) events.onRemoved(removed)
      const waiting = (await readWaitingChannels(pool)).filter(channel => current.channels.has(channel))
      for (const [channel, deliverer] of deliverers) if (!waiting.includes(channel)) end(channel, deliverer)
      for (const channel of waiting) {
        const deliverer = deliverers.get(channel)
        if (deliverer) deliverer.wake()
        else deliverers.set(channel, startDeliverer(pool, channel, sender, eventsOf(channel)))
      }
      // A deliverer knows itself when it has to try again.
      return undefined
    },
  })
  return {
    wake: coordinator.wake,
    async stop() {
      await coordinator.stop()
      for (const [channel, deliverer] of deliverers) end(channel, deliverer)
      await Promise.all(ending)
    },
  }
}

/** Sends one message at a time. */
function startDeliverer(
  pool: pg.Pool,
  channel: string,
  sender: () => Sender | 'muted',
  events: Pick<DeliveryEvents, 'onError' | 'onDone'>,
): Loop {
  return startLoop({
    ...events,
    work: async () => {
      const current = sender()
      if (current === 'muted' || !current.channels.has(channel)) return undefined
      return (await deliverNext(pool, channel, current.send)) ? 0 : nextDeliveryInMs(pool, channel)
    },
  })
}
