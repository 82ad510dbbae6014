/** The settings of which a server tells its client (ParameterStatus): before ReadyForQuery, as far as they are news to it. */
import { readString } from '../../protocol/frames.ts'

export class ToldSettings {
  #told: ReadonlyMap<string, string> = new Map()
  #reported = new Map<string, { value: string; frame: Buffer }>()
  #mayHavePassed = false

  /** What the client was told when it came in. */
  begin(told: ReadonlyMap<string, string>): void {
    this.#told = told
  }

  /** Since the session was last outside a transaction, the server has told something: it may hold no longer than that. */
  get mayHavePassed(): boolean {
    return this.#mayHavePassed
  }

  /** The server tells the value of a setting, in a ParameterStatus frame. Returns its name and value. */
  report(frame: Buffer): { name: string; value: string } {
    const { value: name, next } = readString(frame, 5)
    const { value } = readString(frame, next)
    this.#reported.set(name, { value, frame: Buffer.from(frame) })
    this.#mayHavePassed = true
    return { name, value }
  }

  /** The frames that the client is to be told before ReadyForQuery. `ended`: it is in no transaction. */
  take(ended: boolean): Buffer[] {
    if (ended) this.#mayHavePassed = false
    if (this.#reported.size === 0) return []
    const news = [...this.#reported].filter(([name, { value }]) => this.#told.get(name) !== value)
    this.#reported = new Map()
    if (news.length > 0)
      this.#told = new Map([...this.#told, ...news.map(([name, { value }]) => [name, value] as const)])
    return news.map(([, { frame }]) => frame)
  }
}
