/** What the ledger holds: what was about to be created, and how that has ended. Everything is JSON, with placeholders for secrets. */

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
  /** `DELETE https://...`; holds `{body.NAME}` where the answer's body has to tell. */
  remove?: string
  /** `GET https://...`: tells whether it was created. */
  find?: string
  /** Of what was put into `find`: what is found must hold one of them. */
  findValues?: string[]
}

export type LedgerEntry =
  | { entry: 'intent'; intent: Intent }
  /** It is there, and `remove` removes it. */
  | { entry: 'created'; id: string; remove: string }
  | { entry: 'ended'; id: string; as: 'removed' | 'never created' }
  /** Nobody knows; a sweep tries again. */
  | { entry: 'unresolved'; id: string; reason: string }

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
  /** What removes it, once it is known to be there. */
  created?: string
  /** Why nobody knows. */
  reason?: string
}

/** The intents that have not ended, in their order. */
export function openIntents(entries: Iterable<LedgerEntry>): OpenIntent[] {
  const open = new Map<string, OpenIntent>()
  for (const entry of entries) {
    if (entry.entry === 'intent') open.set(entry.intent.id, { intent: entry.intent })
    else if (entry.entry === 'ended') open.delete(entry.id)
    else {
      const known = open.get(entry.id)
      if (known && entry.entry === 'created') known.created = entry.remove
      if (known && entry.entry === 'unresolved') known.reason = entry.reason
    }
  }
  return [...open.values()]
}
