/** The messages of a series of the extended protocol that wait to be sent together. */
import { type ClientFrame, Frontend } from '../protocol/frontend-messages.ts'

/** Those that have no effect on their own before a Sync or a Flush. */
const gathered: ReadonlySet<number> = new Set([
  Frontend.Parse,
  Frontend.Bind,
  Frontend.Describe,
  Frontend.Execute,
  Frontend.Close,
])

/** They are gathered up to this many bytes before they are sent on without a Sync. */
const most = 65_536

export class MessageBatch {
  #frames: ClientFrame[] = []
  #length = 0

  get isEmpty(): boolean {
    return this.#frames.length === 0
  }

  /** It is time to send them. */
  get isFull(): boolean {
    return this.#length >= most
  }

  /** Is the message one of those that wait, and is there room for it? */
  mayTake({ type, bytes }: ClientFrame): boolean {
    return gathered.has(type) && this.#length + bytes.length < most
  }

  add(frame: ClientFrame): void {
    this.#frames.push(frame)
    this.#length += frame.bytes.length
  }

  /** The messages in their order; none of them waits any more. */
  take(): ClientFrame[] {
    const frames = this.#frames
    this.#frames = []
    this.#length = 0
    return frames
  }
}
