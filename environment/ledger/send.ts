/** Requests that settle the ledger: looks and removals. */

/** What a spec's request was sent with beside the environment's headers: in memory only. */
export interface Rights {
  /** To which alone it is sent. */
  origin: string
  headers: Readonly<Record<string, string>>
}

export interface CleanupRequest {
  method: string
  /** With its secrets. */
  url: string
  /** Of the replay that it settles. */
  replay: string
  headers?: Readonly<Record<string, string>>
  body?: unknown
  form?: Readonly<Record<string, string>>
  /** In the place of the environment's own, where both have a header. */
  rights?: Rights
}

export interface CleanupResponse {
  status: number
  headers: Readonly<Record<string, string>>
  body: string
}

/** Sends to the environment, with its headers and without following redirects. Throws if there is no answer. */
export type Send = (request: CleanupRequest) => Promise<CleanupResponse>
