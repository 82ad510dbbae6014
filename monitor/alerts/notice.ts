/** Notice: a message to be sent to a channel. */
import type { AlertMessage } from '../store/messages.ts'

export interface Notice {
  message: AlertMessage | TestMessage
  /** The same in every attempt, so that the receiver can recognize a repetition. */
  idempotencyKey: string
  /** URL of the status page, for a link. */
  statusPage?: string | undefined
}

/** Tests whether a channel works. */
export interface TestMessage {
  kind: 'test'
  /** ISO string. */
  at: string
}
