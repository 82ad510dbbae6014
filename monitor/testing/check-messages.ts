/** Senders of stores whose only messages are about checks. */
import type { CheckMessage } from '../store/messages.ts'
import type { Delivery, Send } from '../store/outbox.ts'

type CheckDelivery = Delivery & { message: CheckMessage }

export function onlyChecks(send: (delivery: CheckDelivery) => Promise<void>): Send {
  return delivery => {
    if (!('checks' in delivery.message)) throw new Error(`An unexpected message: ${JSON.stringify(delivery.message)}`)
    return send(delivery as CheckDelivery)
  }
}
