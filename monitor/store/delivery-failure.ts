/** A message was not taken: why in detail, and in words that everybody may read. */

export class DeliveryFailure extends Error {
  /** What the channel did; it quotes nobody: `answered 503`, `gave no answer`. */
  readonly summary: string

  constructor(message: string, summary: string) {
    super(message)
    this.summary = summary
  }
}

/** The summary of whatever went wrong with a delivery. */
export function failureOf(error: unknown): string {
  return error instanceof DeliveryFailure ? error.summary : 'could not be sent to'
}
