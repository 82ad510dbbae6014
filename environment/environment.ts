/** The configuration of a deployed environment. Everything is plain JSON; secrets are placeholders. */

export interface Environment {
  /** The URL of the service, such as `https://api.example.com`; paths in specs are relative to it, as with Playwright's `baseURL`. */
  baseURL: string
  /** Headers sent to `baseURL`'s origin and to `origins` only. Values may contain secrets. */
  headers?: Record<string, string>
  /** Further origins of the service, such as the API that its page calls. They get the headers too. */
  origins?: string[]
  /**
   * refused (default): a request other than GET, HEAD and OPTIONS is blocked before it is sent.
   * cleaned: it is sent, and what it creates is removed afterwards.
   */
  writes?: 'refused' | 'cleaned'
  /** Requests that create something other than by `201` with `Location`, and how to remove that. The first matching rule applies. */
  cleanup?: CleanupRule[]
  /**
   * Requests that only read although their method is not GET: `POST /login`, `POST /search`, `POST /graphql query` (a GraphQL
   * document without a mutation). They are sent where writes are refused, and are not recorded in the ledger.
   */
  reads?: (string | ReadRule)[]
  /** As Playwright's options of these names. */
  tls?: { ignoreHTTPSErrors?: boolean; clientCertificates?: ClientCertificate[] }
  /** Environment variables that specs read and no report may show. Those in `secret()` are included without this. */
  secrets?: string[]
  /**
   * off (default where there are secrets): no screenshots and videos, which cannot be redacted; those that a spec takes
   * itself are blank in the report. masked: the specs mask the secrets on them.
   */
  screenshots?: 'off' | 'masked'
  /** A URL that responds as long as the monitor's network works: if it does not respond either, a failure is an error of the monitor. */
  onlineProbe?: string
  /** Where the version of the service is found. Each replay shows the versions that it saw. */
  version?: VersionSource
  /** The domain of `unique.email()`; default `example.com`. */
  emailDomain?: string
  /** The number of specs that run in parallel; default 1, and more while specs hang. */
  workers?: number
  /** The time limit of a run, such as `10m`; default `30m`. Specs that have not run by then are unknown. */
  runTimeout?: string
}

/**
 * A request that creates something, and how to remove that. Paths are relative to the base URL, as in specs: `/orders`,
 * `orders`, and the path with the base URL's prefix are equivalent. The placeholders are: `{path.NAME}` from the path,
 * `{request.NAME}` from the request's body, `{token}` for its `traceparent`, `{body.NAME}` from the response's JSON
 * (`{body.items.0.id}`), `{header.NAME}` from the response's headers, `{location}` for the URL in `Location`, and
 * `{location.id}` for its last segment.
 */
export interface CleanupRule {
  /** `POST /orders`; `{name}` matches one segment of the path, whose value is `{path.name}` below. */
  create: string
  /** Only requests whose body has these texts at these paths: `{ method: 'orders.create' }`, `{ query: 'createOrder' }`. */
  when?: Record<string, string>
  /** `DELETE /orders/{body.id}`, or several requests to send in this order. */
  remove: string | RemovalRequest | (string | RemovalRequest)[]
  /** `body.items`: a list in the response. The rule removes each element; `{each.id}` is a value of the element, `{each}` the element. */
  each?: string
  /** When a thing counts as gone although its address still responds with 2xx, as after a soft delete. */
  gone?: GoneWhen
  /**
   * `GET /orders?ref={request.ref}`: sent when it is unknown whether the request has created something. The response is the
   * thing, a list of things (an array, or an object with one array), or 404. `{token}` is that of the request.
   */
  find?: string
}

/** A request that only reads, matched by its path and its body. */
export interface ReadRule {
  /** `POST /rpc` */
  send: string
  /** As `when` of a cleanup rule: `{ method: 'orders.list' }`. */
  when: Record<string, string>
}

/** One request of a removal. */
export interface RemovalRequest {
  /** `POST /orders/{body.id}/cancel` */
  send: string
  /** `{ 'if-match': '{header.etag}' }`: from the response to the `GET` before the removal, else from that to the creation. */
  headers?: Record<string, string>
  /** Sent as JSON; a string that is one placeholder keeps the type of its value. */
  body?: unknown
  /** Sent as a form, instead of `body`. */
  form?: Record<string, string>
}

/**
 * A thing is gone when `get` is answered with 404 or 410, or when its JSON has `field` with `value`, or without `value` with
 * anything but false, null, 0 and ''.
 */
export interface GoneWhen {
  /** `GET /orders/{body.id}`; default: the URL of the first DELETE. */
  get?: string
  /** `archived`, `status.name` */
  field?: string
  value?: string | number | boolean
}

/**
 * `header`: of the responses of `baseURL`'s origin. `path`: requested by the monitor after each attempt; the body is the
 * version, as a text, as JSON, or as `version` of a JSON object.
 */
type VersionSource = { header: string } | { path: string }

export interface ClientCertificate {
  /** Default: that of `baseURL`. */
  origin?: string
  certPath?: string
  keyPath?: string
  pfxPath?: string
  /** May contain a secret. */
  passphrase?: string
}

/** The option `target`. Without `baseURL` and without REPRISE_TARGET, specs run against the local app. */
export interface TargetOptions extends Partial<Environment> {
  /** The environment's name in messages; default `REPRISE_TARGET`, or the host. */
  name?: string
  /** Set by the monitor: the replays of this run, to which tests are assigned. */
  replays?: Replay[]
  /** The folder of the ledger's files; default `.reprise/ledger` beside Playwright's config. */
  ledgerFolder?: string
  /** Set by a monitor that stores the ledger in its database: the socket on which it accepts entries. */
  ledgerSocket?: string
}

/** One replay of a check, with the pattern that selects its tests; see `selectorOf`. */
export interface Replay {
  check: string
  id: string
  /** A regular expression, matched against `selectionTitle`. */
  pattern: { source: string; flags: string }
}
