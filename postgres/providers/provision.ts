/** What a way to get a Postgres server gives. */
export interface Provision {
  readonly url: string
  /** The folder of its unix socket, if this machine has one. */
  readonly socketFolder?: string | undefined
  /** Says why the server was lost, given what broke the connection to it. */
  explainLoss(cause: Error): Promise<Error>
}
