/** Defines the log of one attempt of a test, which the fixtures attach as JSON for the monitor's reporter; reports do not show it. */

/** The attachment's name; Playwright's reports omit names that begin with an underscore. */
export const attemptLogName = '_reprise'

/** The maximum number of versions that an attempt, and a replay, record. */
export const mostVersions = 4

/** The maximum number of certificates that an attempt, and a replay, record. */
export const mostCertificates = 10

/** The certificate of an https origin, from Playwright's `securityDetails()`. */
export interface RecordedCertificate {
  /** Such as `https://api.example.com`. */
  origin: string
  /** ISO string. */
  expiresAt: string
  subject: string
  issuer: string
}

export interface AttemptLog {
  /** Why the test cannot be replayed, if it cannot: `needs db`, `is tagged @local`. */
  notReplayable?: string
  /** The first 1000, in the order in which they ended. */
  requests: RequestRecord[]
  /** The number of requests sent to the environment, or about to be sent, with or without a response. */
  sent: number
  /**
   * The number of requests sent before, in this worker: by hooks that belong to all tests of the file, and by the tests before it in
   * a serial suite.
   */
  sentBefore: number
  /** The number of responses of the environment, to the requests in `sent`. */
  answered: number
  /** The number of requests by HTTP clients of Node whose response had not ended; absent: none. */
  unfinished?: number
  /** To those in `sentBefore`. */
  answeredBefore: number
  /** The error of the monitor's side that has failed the test: no browser, a refused write, a full disk. */
  ownFault?: string
  /** The position in the errors of the test of the one that may be the service's, if it has also failed by one of the monitor's side. */
  failedBy?: number
  /** Why its durations do not show how fast the environment is: the machine was overloaded. */
  overload?: string
  /** Whether its requests did not go directly to the environment, see `takesDetour`: its failures are no evidence about the base URL. */
  tookDetour?: true
  ledger: LedgerSummary
  /** The versions of the service that it saw, in this order, with placeholders for secrets; see `Environment.version`. */
  versions?: string[]
  /** Of the environment's origins, the first that each has shown. */
  certificates?: RecordedCertificate[]
  /** The id of the trace that its requests belong to, as `traceparent` has it; absent if it has sent none. */
  traceId?: string
}

/** Times in milliseconds, from Playwright's `APIResponse.timing()`; absent if unknown. */
export interface RequestRecord {
  /** When it was sent, as an ISO string; absent if unknown. */
  startedAt?: string
  /** The id of its span, as its `traceparent` has it; absent if it has none of its own: a browser has followed a redirect. */
  spanId?: string
  method: string
  /** With placeholders for secrets. */
  url: string
  status?: number
  /** Why there is no status. */
  error?: string
  dnsMs?: number
  connectMs?: number
  tlsMs?: number
  firstByteMs?: number
  downloadMs?: number
  totalMs: number
}

export interface LedgerSummary {
  removed: number
  /** Removed according to the response to the removal, but not confirmed by a GET. */
  unverified: number
  neverCreated: number
  unresolved: UnresolvedIntent[]
  /** Requests with a response like that to a creation, without a rule for the removal. */
  suspected: SuspectedRequest[]
  /** The names of the cleanup rules that matched a request of the test, or of hooks before it, without duplicates; see `ruleName`. */
  fitted: string[]
  /** The routes of their requests that no rule matched. */
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
  /** It is reported, and does not change the exit code: a redirect that follows a login as well. */
  isRemark?: true
}
