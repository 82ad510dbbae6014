/** Logs the changes that a transaction makes, in order, and drops those that ROLLBACK TO SAVEPOINT undoes. */

type Noted<Entry> = { entry: Entry } | { savepoint: string }

/** Entries and the savepoints between them. */
export class SavepointLog<Entry> {
  #entries: Noted<Entry>[] = []
  /** The log before each of the savepoint commands that were sent and are not completed. */
  #before: Array<{ entries: Noted<Entry>[]; length: number }> = []

  get isEmpty(): boolean {
    return this.#entries.length === 0
  }

  get isNested(): boolean {
    return this.#entries.some(noted => 'savepoint' in noted)
  }

  /** The changes before the first savepoint. */
  get outerEntries(): readonly Entry[] {
    const at = this.#entries.findIndex(noted => 'savepoint' in noted)
    const outer = at === -1 ? this.#entries : this.#entries.slice(0, at)
    return outer.flatMap(noted => ('entry' in noted ? [noted.entry] : []))
  }

  /** The changes, without the savepoints. */
  get entries(): readonly Entry[] {
    if (this.isEmpty) return nothing
    return this.#entries.flatMap(noted => ('entry' in noted ? [noted.entry] : []))
  }

  add(entry: Entry): void {
    this.#entries.push({ entry })
  }

  savepoint(name: string): void {
    this.#remember()
    this.#entries.push({ savepoint: name })
  }

  /** Removes the savepoint and those within it; the changes stay. */
  release(name: string): void {
    this.#remember()
    const at = this.#find(name)
    if (at !== -1) this.#entries = this.#entries.filter((noted, i) => i < at || 'entry' in noted)
  }

  /** Removes the savepoint and those within it, and the changes since. */
  undo(name: string): void {
    this.#remember()
    const at = this.#find(name)
    if (at !== -1) this.#entries = this.#entries.slice(0, at)
  }

  rollBackTo(name: string): void {
    this.#remember()
    const at = this.#find(name)
    if (at !== -1) this.#entries = this.#entries.slice(0, at + 1)
  }

  /** The server has completed the first of the savepoint commands that were sent. */
  done(): void {
    this.#before.shift()
  }

  /** The server skips the savepoint commands that were sent and are not completed. */
  failed(): void {
    const [first] = this.#before
    if (!first) return
    this.#entries = first.entries.slice(0, first.length)
    this.#before = []
  }

  clear(): void {
    if (this.#entries.length > 0) this.#entries = []
    if (this.#before.length > 0) this.#before = []
  }

  #remember(): void {
    this.#before.push({ entries: this.#entries, length: this.#entries.length })
  }

  #find(name: string): number {
    return this.#entries.findLastIndex(noted => 'savepoint' in noted && noted.savepoint === name)
  }
}

const nothing: readonly never[] = []
