/** What a transaction has noted, in the order in which it did, so that going back to a savepoint takes it back. */

/** Entries and the savepoints between them. */
export class SavepointLog<Entry> {
  #entries: Array<{ entry: Entry } | { savepoint: string }> = []

  get isEmpty(): boolean {
    return this.#entries.length === 0
  }

  get isNested(): boolean {
    return this.#entries.some(noted => 'savepoint' in noted)
  }

  /** What was noted, without the savepoints. */
  get entries(): readonly Entry[] {
    if (this.isEmpty) return nothing
    return this.#entries.flatMap(noted => ('entry' in noted ? [noted.entry] : []))
  }

  add(entry: Entry): void {
    this.#entries.push({ entry })
  }

  savepoint(name: string): void {
    this.#entries.push({ savepoint: name })
  }

  /** The savepoint and those within it are no more; what was noted in them stays. */
  release(name: string): void {
    const at = this.#find(name)
    if (at !== -1) this.#entries = this.#entries.filter((noted, i) => i < at || 'entry' in noted)
  }

  rollBackTo(name: string): void {
    const at = this.#find(name)
    if (at !== -1) this.#entries.length = at + 1
  }

  clear(): void {
    if (this.#entries.length > 0) this.#entries = []
  }

  #find(name: string): number {
    return this.#entries.findLastIndex(noted => 'savepoint' in noted && noted.savepoint === name)
  }
}

const nothing: readonly never[] = []
