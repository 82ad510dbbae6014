/** What the ledger holds: what was about to be created, and how that has ended. Everything is JSON, with placeholders for secrets. */
import type { GoneWhen, RemovalRequest } from '../environment.ts'

/** Written before the request is sent. */
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
  /** The request's `traceparent`: nothing else carries it. */
  token: string
  /** How long the request may take: until then it may still create something. */
  timeoutMs: number
  /** Of the rule that fits, with what is known before the answer. */
  rule?: IntentRule
  /** What the rule that fits needs, and the request does not have. */
  lacking?: string
  /** The names of the headers with rights of its own that the request was sent with. Their values are stored nowhere. */
  rights?: string[]
}

/** A cleanup rule with the values of one request, and whole URLs. Placeholders of the answer are left. */
export interface IntentRule {
  remove: RemovalRequest[]
  /** Where the list is in the answer's body; see `CleanupPlan.each`. */
  each?: string
  gone?: GoneWhen
  /** `GET https://...`: tells whether it was created. */
  find?: string
  /** Of what was put into `find`: what is found must hold one of them. */
  findValues?: string[]
}

/** A thing that is there, and how it is removed. */
export interface Thing {
  /** One after the other, with whole URLs; `{header.NAME}` is left where the answer to a GET may tell better. */
  remove: RemovalRequest[]
  /** What tells whether it is there, if anything can; see `seenAt`. */
  gone?: GoneWhen
  /** Headers of the answer to its creation that `remove` needs. */
  headers?: Record<string, string>
  /** It existed when a removal began, or the spec removed it itself. */
  seen?: true
  /** A GET of the spec was answered with 2xx. */
  shown?: true
  /** Its removal was registered before the creation was answered: it may never have existed. */
  unannounced?: true
}

export type LedgerEntry =
  | { entry: 'intent'; intent: Intent }
  /** They are there. Replaces an earlier one of the intent. */
  | { entry: 'created'; id: string; things: Thing[] }
  | { entry: 'ended'; id: string; as: EndedAs }
  /** Not known; a sweep tries again. */
  | { entry: 'unresolved'; id: string; reason: string }

/** `unverified`: removed, as far as the answer to the removal says; nothing else could tell. */
type EndedAs = 'removed' | 'unverified' | 'never created'

/** Where the ledger is kept. */
export interface LedgerStore {
  /** Resolves once the entries survive the end of this process and of the machine. */
  append(entries: readonly LedgerEntry[]): Promise<void>
  /** Stores nothing more. */
  close(): void
}

/** An intent that has not ended, as its entries tell. */
export interface OpenIntent {
  intent: Intent
  /** What is there, once that is known. */
  things?: Thing[]
  /** Why it has not ended. */
  reason?: string
}

/** The address of a thing: what a GET of it answers tells whether it is there. Undefined if nothing can tell. */
export function seenAt({ remove, gone }: Thing): string | undefined {
  const line = gone?.get ?? remove.find(({ send }) => send.startsWith('DELETE '))?.send
  return line?.slice(line.indexOf(' ') + 1)
}

/** The intents that have not ended, in their order. */
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
