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
  /**
   * Requests that only read although their method is not GET: `POST /login`, `POST /search`, `POST /graphql query` (a GraphQL
   * document without a mutation). They are sent where writes are refused, and noted nowhere.
   */
  reads?: (string | ReadRule)[]
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
  /** How many specs run at the same time at most; default 1, and more while others hang. */
  workers?: number
  /** How long a run may take, such as `10m`; default `30m`. What it has not tried by then is unknown. */
  runTimeout?: string
}

/**
 * What creates something, and how to remove it. Paths are relative to the base URL, as in specs: `/orders`, `orders`, and the
 * whole path with the base URL's own are the same. The placeholders are: `{path.NAME}` of the path, `{request.NAME}` of the
 * body that was sent, `{token}` its `traceparent`, `{body.NAME}` of the answer's JSON (`{body.items.0.id}`), `{header.NAME}` of
 * the answer, `{location}` the address in `Location`, and `{location.id}` its last segment.
 */
export interface CleanupRule {
  /** `POST /orders`; `{name}` stands for one segment of the path, and is `{path.name}` below. */
  create: string
  /** Only requests whose body has these texts in these members: `{ method: 'orders.create' }`, `{ query: 'createOrder' }`. */
  when?: Record<string, string>
  /** `DELETE /orders/{body.id}`, or the requests to send one after the other. */
  remove: string | RemovalRequest | (string | RemovalRequest)[]
  /** `body.items`: a list in the answer. The rule removes each of its members; `{each.id}` is a value of one, `{each}` the member. */
  each?: string
  /** What tells that it is gone where the address that was removed still answers with 2xx, such as after a soft delete. */
  gone?: GoneWhen
  /**
   * `GET /orders?ref={request.ref}`: asked when nobody knows whether the request has created something. It answers with the
   * thing, with a list of things (an array, or an object that holds one array), or with 404. `{token}` is the request's own.
   */
  find?: string
}

/** A request that only reads, by its path and its body. */
export interface ReadRule {
  /** `POST /rpc` */
  send: string
  /** As that of a cleanup rule: `{ method: 'orders.list' }`. */
  when: Record<string, string>
}

/** One request of a removal. */
export interface RemovalRequest {
  /** `POST /orders/{body.id}/cancel` */
  send: string
  /** `{ 'if-match': '{header.etag}' }`: of the answer to the `GET` that precedes the removal, or else to the creation. */
  headers?: Record<string, string>
  /** Sent as JSON; a text that is one placeholder alone keeps the type of its value. */
  body?: unknown
  /** Sent as a form, in the place of `body`. */
  form?: Record<string, string>
}

/**
 * A thing is gone when `get` is answered with 404 or 410, or holds `field`: with `value`, or else with anything but false, null,
 * 0 and ''.
 */
export interface GoneWhen {
  /** `GET /orders/{body.id}`; default: the address of the first DELETE. */
  get?: string
  /** `archived`, `status.name` */
  field?: string
  value?: string | number | boolean
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
