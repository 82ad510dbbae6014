/** DeliveryFailure: a message was not accepted; with the reason in detail, and a public summary. */

export class DeliveryFailure extends Error {
  /** Without text from the receiver: `answered 503`, `no answer in time`. */
  readonly summary: string
  /** How long the receiver asks to wait, in milliseconds; undefined if it does not. */
  readonly retryAfterMs: number | undefined

  constructor(message: string, summary: string, retryAfterMs?: number) {
    super(message)
    this.summary = summary
    this.retryAfterMs = retryAfterMs
  }
}

/** Returns the public summary of any error of a delivery. */
export function failureOf(error: unknown): string {
  return error instanceof DeliveryFailure ? error.summary : 'could not be sent'
}

/** Returns how long the receiver asks to wait, in milliseconds; 0 if it does not. */
export function waitOf(error: unknown): number {
  return (error instanceof DeliveryFailure && error.retryAfterMs) || 0
}
