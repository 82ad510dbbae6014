/** DeliveryFailure: a message was not accepted; with the reason in detail, and a public summary. */

export class DeliveryFailure extends Error {
  /** Without text from the receiver: `answered 503`, `no answer in time`. */
  readonly summary: string
  /** How long the receiver asks to send nothing to this channel, in milliseconds; undefined if it does not ask. */
  readonly retryAfterMs: number | undefined
  /** The same message would be refused again, unless the receiver or the settings of the channel change. */
  readonly isPermanent: boolean

  constructor(message: string, summary: string, retryAfterMs?: number, isPermanent = false) {
    super(message)
    this.summary = summary
    this.retryAfterMs = retryAfterMs
    this.isPermanent = isPermanent
  }
}

/** Returns the failure that any error of a delivery stands for. */
export function failureOf(error: unknown): DeliveryFailure {
  if (error instanceof DeliveryFailure) return error
  return new DeliveryFailure(error instanceof Error ? error.message : String(error), 'could not be sent')
}
