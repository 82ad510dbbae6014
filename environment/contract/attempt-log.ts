/** What the fixtures tell the monitor's reporter about one attempt of a test: a JSON attachment that reports do not show. */

/** The attachment's name; Playwright's reports leave out those that begin with an underscore. */
export const attemptLogName = '_reprise'

export interface AttemptLog {
  /** Why the test cannot be replayed, if it cannot: `needs db`, `is tagged @local`. */
  notReplayable?: string
  /** In the order in which they ended; the first 1000. */
  requests: RequestRecord[]
  /** How many were sent to the environment, or were about to be, with or without an answer. */
  sent: number
  /** How many hooks have sent before it that belong to all tests of its file, in this worker. */
  sentBefore: number
  /** What has gone wrong on this side: no browser, a write that is refused, a full disk. If the test has failed, that is why. */
  ownFault?: string
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
  /** Removed as far as the answer to the removal says; nothing else could tell. */
  unverified: number
  neverCreated: number
  unresolved: UnresolvedIntent[]
  /** Answered like a creation, where no rule says how to remove that. */
  suspected: SuspectedRequest[]
  /** The `create` of the cleanup rules that fitted a request, each once. */
  fitted: string[]
  /** The routes of the requests that no rule fitted. */
  unfitted: string[]
}

/** A possible leak. */
interface UnresolvedIntent {
  method: string
  url: string
  reason: string
}

interface SuspectedRequest extends UnresolvedIntent {
  /** `POST /carts/{cart}/items` */
  route: string
}
