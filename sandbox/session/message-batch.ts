/** Batches messages of the extended protocol until Sync, Flush, 64 KB or a pause of the client. */

import { type ClientFrame, Frontend } from '../protocol/frontend-messages.ts'

/** Message types that need no response before a Sync or Flush. */
export const batched: ReadonlySet<number> = new Set([
  Frontend.Parse,
  Frontend.Bind,
  Frontend.Describe,
  Frontend.Execute,
  Frontend.Close,
])

/** The maximum size of a batch in bytes, after which it is sent without a Sync. */
const most = 65_536

export class MessageBatch {
  #frames: ClientFrame[] = []
  /** The size in bytes; 0 if the batch is empty. */
  length = 0

  /** The batch has reached its maximum size. */
  get isFull(): boolean {
    return this.length >= most
  }

  /** Adds the message and returns true, unless the batch would become full. */
  addIfRoom(frame: ClientFrame): boolean {
    if (this.length + frame.bytes.length >= most) return false
    this.add(frame)
    return true
  }

  add(frame: ClientFrame): void {
    this.#frames.push(frame)
    this.length += frame.bytes.length
  }

  /** Returns the messages in order, and empties the batch. */
  take(): ClientFrame[] {
    const frames = this.#frames
    this.#frames = []
    this.length = 0
    return frames
  }
}
