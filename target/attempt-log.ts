/** What the fixtures tell the monitor's reporter about one attempt of a test: a JSON attachment that reports do not show. */

/** The attachment's name; Playwright's reports leave out those that begin with an underscore. */
export const attemptLogName = '_reprise'

export interface AttemptLog {
  /** Why the test cannot be replayed, if it cannot: `needs db`, `is tagged @local`. */
  notReplayable?: string
  /** In the order in which they ended; the first 1000. */
  requests: RequestRecord[]
  ledger: LedgerSummary
  /** Of the service, as its responses say; see `Environment.version`. */
  version?: string
}

/** Times in milliseconds, from Playwright's `APIResponse.timing()`; absent where there is none. */
export interface RequestRecord {
  method: string
  /** With secrets as placeholders. */
  url: string
  status?: number
  /** Why there is no status. */
  error?: string
  connectMs?: number
  tlsMs?: number
  firstByteMs?: number
  totalMs: number
}

export interface LedgerSummary {
  removed: number
  neverCreated: number
  unresolved: UnresolvedIntent[]
}

/** A possible leak. */
interface UnresolvedIntent {
  method: string
  url: string
  reason: string
}
