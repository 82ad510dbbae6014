/** Empties the outbox: sends what it owes, or mutes it. */
import type pg from 'pg'
import { deliverNext, muteWaiting, nextDeliveryInMs, type Send } from '../store/outbox.ts'
import { type Loop, startLoop } from './loop.ts'

/** @param sender `muted`: what waits is closed without being sent. Asked anew for each message. */
export function startDeliveries(
  pool: pg.Pool,
  sender: () => Send | 'muted',
  events: { onError(error: Error): void; onDone(): void },
): Loop {
  return startLoop({
    ...events,
    work: async () => {
      if (sender() === 'muted') {
        await muteWaiting(pool)
        return undefined
      }
      await Promise.all(Array.from({ length: atOnce }, () => deliverAll(pool, sender)))
      return nextDeliveryInMs(pool)
    },
  })
}

/** So that a receiver that hangs does not hold up the others. */
const atOnce = 4

async function deliverAll(pool: pg.Pool, sender: () => Send | 'muted'): Promise<void> {
  for (;;) {
    const send = sender()
    if (send === 'muted' || !(await deliverNext(pool, send))) return
  }
}
