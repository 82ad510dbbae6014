/**
 * Tracks which reported parameters (ParameterStatus) the client of a session has seen, and holds back the changes until
 * ReadyForQuery.
 */
import { readString } from '../../protocol/frames.ts'

export class ReportedParameters {
  #seen: ReadonlyMap<string, string> = new Map()
  #pending = new Map<string, { value: string; frame: Buffer }>()
  #mayHaveChanged = false

  /** Takes the values that the client got at startup. */
  begin(seen: ReadonlyMap<string, string>): void {
    this.#seen = seen
  }

  /**
   * The server has reported a parameter since the session was last outside a transaction: the value may end with the
   * transaction.
   */
  get mayHaveChanged(): boolean {
    return this.#mayHaveChanged
  }

  /** Takes a ParameterStatus frame of the server. Returns the parameter's name and value. */
  receive(frame: Buffer): { name: string; value: string } {
    const { value: name, next } = readString(frame, 5)
    const { value } = readString(frame, next)
    this.#pending.set(name, { value, frame: Buffer.from(frame) })
    this.#mayHaveChanged = true
    return { name, value }
  }

  /**
   * Returns the frames to send before ReadyForQuery, of parameters whose value the client has not seen. `ended`: the session
   * is in no transaction.
   */
  take(ended: boolean): Buffer[] {
    if (ended) this.#mayHaveChanged = false
    if (this.#pending.size === 0) return []
    const changed = [...this.#pending].filter(([name, { value }]) => this.#seen.get(name) !== value)
    this.#pending = new Map()
    if (changed.length > 0)
      this.#seen = new Map([...this.#seen, ...changed.map(([name, { value }]) => [name, value] as const)])
    return changed.map(([, { frame }]) => frame)
  }
}
