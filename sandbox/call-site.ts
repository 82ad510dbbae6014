/** A place in somebody's code, for messages. */
import { fileURLToPath } from 'node:url'

/** Remembers who called. The stack is put into words only when somebody asks, since that is what costs time. */
export class CallSite {
  readonly #stack = new Error()
  readonly #own: string

  /** `own`: the URL of the module that asks; its lines are not the caller's. */
  constructor(own: string) {
    this.#own = own
  }

  /** The first line of the stack that is neither a library's nor the asking module's. */
  get place(): string {
    const own = [this.#own, import.meta.url].map(url => url.replace(/^file:\/\//, ''))
    const lines = this.#stack.stack?.split('\n').slice(1) ?? []
    const line = lines.find(
      candidate => !/node_modules|node:/.test(candidate) && !own.some(path => candidate.includes(path)),
    )
    const place = line?.trim().replace(/^at /, '') ?? 'an unknown place'
    return place.replace(/file:\/\/\S+(?=:\d+:\d+)/, url => fileURLToPath(url))
  }
}
