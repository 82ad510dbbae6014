/** A deployed environment, as a configuration describes it. Everything is plain JSON; secrets are placeholders. */

export interface Environment {
  /** Where the service is, such as `https://api.example.com`; paths of specs are relative to it, as Playwright's `baseURL`. */
  baseURL: string
  /** Sent to `baseURL`'s origin and to `origins`, and nowhere else. Values may hold secrets. */
  headers?: Record<string, string>
  /** Further origins that belong to the service, such as the API that its page calls. They get its headers. */
  origins?: string[]
  /**
   * refused (default): a request other than GET, HEAD and OPTIONS is stopped before it is sent.
   * cleaned: it is sent, and what it creates is removed again.
   */
  writes?: 'refused' | 'cleaned'
  /** What creates something other than by `201` with `Location`, and how to remove that. The first rule that fits counts. */
  cleanup?: CleanupRule[]
  /** As Playwright's options of these names. */
  tls?: { ignoreHTTPSErrors?: boolean; clientCertificates?: ClientCertificate[] }
  /** Environment variables that specs read themselves and that no report may show. Those in `secret()` are known anyway. */
  secrets?: string[]
  /**
   * off (default where there are secrets): no screenshots and videos, which nobody can redact; those that specs take all the
   * same are blank in the report. masked: the specs mask them.
   */
  screenshots?: 'off' | 'masked'
  /** A URL that answers as long as our own network works: if it does not answer either, a failure is an error of ours. */
  onlineProbe?: string
  /** Where a response says which version of the service has answered. */
  version?: { header: string }
  /** The domain of `unique.email()`; default `example.com`. */
  emailDomain?: string
  /** How many specs run at the same time; default 1. */
  workers?: number
}

export interface CleanupRule {
  /** `POST /orders`; `{name}` stands for one segment of the path, and is `{path.name}` below. */
  create: string
  /** `DELETE /orders/{body.id}`: with values of the response's body (`body.`), the request's (`request.`) and the path (`path.`). */
  remove: string
  /**
   * `GET /orders?ref={request.ref}`: asked when nobody knows whether the request has created something. It answers with the
   * thing, with a list of things (an array, or an object that holds one array), or with 404. `{token}` is the request's own.
   */
  find?: string
}

export interface ClientCertificate {
  /** Default: that of `baseURL`. */
  origin?: string
  certPath?: string
  keyPath?: string
  pfxPath?: string
  /** May hold a secret. */
  passphrase?: string
}

/** What the option `target` says. Without `baseURL` and without REPRISE_TARGET, specs run against the local app. */
export interface TargetOptions extends Partial<Environment> {
  /** How messages call the environment; default `REPRISE_TARGET`, or the host. */
  name?: string
  /** Set by a run of the monitor: which replay a test belongs to. */
  replays?: Replay[]
  /** Where the ledger's files are; default `.reprise/ledger` beside Playwright's config. */
  ledgerFolder?: string
  /** Set by a run of the monitor that keeps the ledger in its database: the socket at which it takes entries. */
  ledgerSocket?: string
}

/** One replay of a check: what selects its tests, for `isSelected`. */
export interface Replay {
  check: string
  id: string
  /** Of a regular expression over `selectionTitle`. */
  pattern: { source: string; flags: string }
}
