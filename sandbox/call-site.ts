/** A location in the caller's code, for messages. */
import { fileURLToPath } from 'node:url'

/** Captures the stack of the caller. It is formatted only on access, since that is the expensive part. */
export class CallSite {
  readonly #stack = new Error()
  readonly #own: string

  /** `own`: the URL of the calling module, whose stack frames are skipped. */
  constructor(own: string) {
    this.#own = own
  }

  /** The first stack frame outside libraries and the calling module. */
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
