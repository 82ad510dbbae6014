/** Defines the entries of the ledger: what a request may create, and how that has ended. JSON, with placeholders for secrets. */
import type { GoneWhen, RemovalRequest } from '../environment.ts'

/** A request that may create something, stored before it is sent. */
export interface Intent {
  id: string
  /** ISO 8601. */
  at: string
  /** The environment's name. */
  environment: string
  replay: string
  check?: string
  method: string
  url: string
  /** The request's `traceparent`, which is unique. */
  token: string
  /** The request's time limit: until then it may still create something. */
  timeoutMs: number
  /** The matching rule, with the values known before the response. */
  rule?: IntentRule
  /** The placeholders of the matching rule for which the request has no value. */
  lacking?: string
  /** The names of the request's own headers for authorization. Their values are not stored. */
  rights?: string[]
}

/** A cleanup rule with the values of one request and absolute URLs. Placeholders for values of the response are left. */
export interface IntentRule {
  remove: RemovalRequest[]
  /** The path of the list in the response's body; see `CleanupPlan.each`. */
  each?: string
  gone?: GoneWhen
  /** `GET https://...`: finds out whether it was created. */
  find?: string
  /** The values inserted into `find`: what is found has to contain them. */
  findValues?: string[]
}

/** Something that exists in the environment (a resource), and how to remove it. */
export interface Thing {
  /** In this order, with absolute URLs; `{header.NAME}` is left, since the response to a GET may have a newer value. */
  remove: RemovalRequest[]
  /** How to find out whether it exists, if that is possible; see `seenAt`. */
  gone?: GoneWhen
  /** Headers of the response to its creation that `remove` needs. */
  headers?: Record<string, string>
  /** It existed when a removal began, or the spec itself removed it. */
  seen?: true
  /** A GET by the spec was answered with 2xx. */
  shown?: true
  /** That GET had another authorization than the creation. */
  shownToOther?: true
  /** Its removal was registered before the response to its creation: it may never have existed. */
  unannounced?: true
}

export type LedgerEntry =
  | { entry: 'intent'; intent: Intent }
  /** The things exist. Replaces an earlier entry of the intent. */
  | { entry: 'created'; id: string; things: Thing[] }
  | {
      entry: 'ended'
      id: string
      as: EndedAs
      /** How many things; absent: 1. */
      count?: number
      /** It was answered like a creation, and no rule matches; the spec has not removed it either. */
      unruled?: UnruledRoute
      /** No test has shown it: a hook has sent the request, or a test of a serial group that has ended since. */
      isUnshown?: true
    }
  /** Unknown; a sweep tries again. */
  | { entry: 'unresolved'; id: string; reason: string }

export interface UnruledRoute {
  /** `POST /carts/{cart}/items` */
  route: string
  /** The answer, and the rule to write. */
  reason: string
}

/** `unverified`: removed according to the response to the removal, but not confirmed by a GET. */
type EndedAs = 'removed' | 'unverified' | 'never created'

/** Stores the entries of a ledger. */
export interface LedgerStore {
  /** Resolves when the entries survive a crash of this process and of the machine. */
  append(entries: readonly LedgerEntry[]): Promise<void>
  /** Ends the store; nothing can be appended afterwards. */
  close(): void
}

/** An intent that has not ended, put together from its entries. */
export interface OpenIntent {
  intent: Intent
  /** What exists, once that is known. */
  things?: Thing[]
  /** Why it has not ended. */
  reason?: string
}

/** The address of a thing, where a GET shows whether it exists; undefined if there is none. */
export function seenAt({ remove, gone }: Thing): string | undefined {
  const line = gone?.get ?? remove.find(({ send }) => send.startsWith('DELETE '))?.send
  return line?.slice(line.indexOf(' ') + 1)
}

/** The intents that have not ended, in the order of their entries. */
export function openIntents(entries: Iterable<LedgerEntry>): OpenIntent[] {
  const open = new Map<string, OpenIntent>()
  for (const entry of entries) {
    if (entry.entry === 'intent') open.set(entry.intent.id, { intent: entry.intent })
    else if (entry.entry === 'ended') open.delete(entry.id)
    else {
      const known = open.get(entry.id)
      if (known && entry.entry === 'created') known.things = entry.things
      if (known && entry.entry === 'unresolved') known.reason = entry.reason
    }
  }
  return [...open.values()]
}
