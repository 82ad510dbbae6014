/** Batches messages of the extended protocol until Sync, Flush or 64 KB. */

import { type ClientFrame, Frontend } from '../protocol/frontend-messages.ts'

/** The types of those that have no effect on their own before a Sync or a Flush. */
export const batched: ReadonlySet<number> = new Set([
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
  /** In bytes; 0 if none waits. */
  length = 0

  /** It is time to send them. */
  get isFull(): boolean {
    return this.length >= most
  }

  /** Adds the message, unless there is no room for it. */
  addIfRoom(frame: ClientFrame): boolean {
    if (this.length + frame.bytes.length >= most) return false
    this.add(frame)
    return true
  }

  add(frame: ClientFrame): void {
    this.#frames.push(frame)
    this.length += frame.bytes.length
  }

  /** The messages in their order; none of them waits any more. */
  take(): ClientFrame[] {
    const frames = this.#frames
    this.#frames = []
    this.length = 0
    return frames
  }
}
