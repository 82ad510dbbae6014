/** DeliveryFailure: a message was not accepted; with the reason in detail, and a public summary. */

export class DeliveryFailure extends Error {
  /** Without text from the receiver: `answered 503`, `no answer in time`. */
  readonly summary: string

  constructor(message: string, summary: string) {
    super(message)
    this.summary = summary
  }
}

/** Returns the public summary of any error of a delivery. */
export function failureOf(error: unknown): string {
  return error instanceof DeliveryFailure ? error.summary : 'could not be sent'
}
