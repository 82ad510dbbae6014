/** A server that a provider has started or found. */
export interface Provision {
  readonly url: string
  /** The folder of its unix socket, if this machine has one. */
  readonly socketFolder?: string | undefined
  /** Builds the error for a lost server from the error that broke the connection to it. */
  explainLoss(cause: Error): Promise<Error>
}
