/** UnshownRoutes: collects the requests that were answered like creations, without a rule, and that no test has shown. */
import type { Intent, LedgerEntry, UnruledRoute } from './entry.ts'

export class UnshownRoutes {
  readonly found: { intent: Intent; unruled: UnruledRoute }[] = []
  /** Those that have not ended. */
  readonly #intents = new Map<string, Intent>()

  /** In the order in which a worker has written them. */
  note(entry: LedgerEntry): void {
    if (entry.entry === 'intent') this.#intents.set(entry.intent.id, entry.intent)
    if (entry.entry !== 'ended') return
    const intent = this.#intents.get(entry.id)
    this.#intents.delete(entry.id)
    if (intent && entry.isUnshown && entry.unruled) this.found.push({ intent, unruled: entry.unruled })
  }
}
