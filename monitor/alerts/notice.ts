/** What a channel is asked to tell people. */
import type { AlertMessage } from '../store/messages.ts'

export interface Notice {
  message: AlertMessage | TestMessage
  /** The same for every attempt, so that the receiver can tell a repetition. */
  idempotencyKey: string
  /** Where people see more. */
  statusPage?: string | undefined
}

/** Somebody tries out whether a channel works. */
export interface TestMessage {
  kind: 'test'
  /** ISO text. */
  at: string
}
