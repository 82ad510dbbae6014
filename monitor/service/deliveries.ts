/** Delivers the outbox, with one loop for each channel, so that a channel that hangs or fails delays no other. */
import type pg from 'pg'
import { deliverNext, nextDeliveryInMs, type Send } from '../store/outbox.ts'
import { closeRemovedChannels, type RemovedChannel } from '../store/removed-channels.ts'
import { readWaitingChannels } from '../store/waiting-channels.ts'
import { type Loop, startLoop } from './loop.ts'

export interface Sender {
  /** The channels of the active configuration. Messages of other channels are left to the instances that have those. */
  channels: ReadonlySet<string>
  send: Send
}

export interface DeliveryEvents {
  onError(error: Error): void
  /** No channel fails any more. */
  onDone(): void
  /** Messages of a channel that is not configured any more were closed. */
  onRemoved(removed: RemovedChannel): void
}

/** @param sender Called for each message. */
export function startDeliveries(pool: pg.Pool, sender: () => Sender, events: DeliveryEvents): Loop {
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
      for (const removed of await closeRemovedChannels(pool)) events.onRemoved(removed)
      const waiting = (await readWaitingChannels(pool)).filter(channel => current.channels.has(channel))
      for (const [channel, deliverer] of deliverers) if (!waiting.includes(channel)) end(channel, deliverer)
      for (const channel of waiting) {
        const deliverer = deliverers.get(channel)
        if (deliverer) deliverer.wake()
        else deliverers.set(channel, startDeliverer(pool, channel, sender, eventsOf(channel)))
      }
      // Each channel's loop schedules its own retries.
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
  sender: () => Sender,
  events: Pick<DeliveryEvents, 'onError' | 'onDone'>,
): Loop {
  return startLoop({
    ...events,
    work: async () => {
      const current = sender()
      if (!current.channels.has(channel)) return undefined
      return (await deliverNext(pool, channel, current.send)) ? 0 : nextDeliveryInMs(pool, channel)
    },
  })
}
