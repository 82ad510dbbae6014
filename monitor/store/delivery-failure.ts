/** A message was not taken: why in detail, and in words that everybody may read. */

export class DeliveryFailure extends Error {
  /** It quotes nobody: `answered 503`, `no answer in time`. */
  readonly summary: string

  constructor(message: string, summary: string) {
    super(message)
    this.summary = summary
  }
}

/** The summary of whatever went wrong with a delivery. */
export function failureOf(error: unknown): string {
  return error instanceof DeliveryFailure ? error.summary : 'could not be sent'
}
