/** Forwards the data of a COPY FROM STDIN, up to the Sync that ends it. */

import { Frontend, flush } from '../protocol/frontend-messages.ts'
import { SessionError } from '../protocol/pg-error.ts'
import type { RequestPipeline } from '../server/request-pipeline.ts'
import type { ClientInput } from '../transport/client-input.ts'

/** Whether a frame of this type belongs to a COPY FROM STDIN. */
export const isCopyFrame = (type: number): boolean =>
  type === Frontend.CopyData || type === Frontend.CopyDone || type === Frontend.CopyFail

/** The error for a message that is not allowed during COPY FROM STDIN: a server ends the connection. */
export const outOfPlace = (type: number): SessionError =>
  new SessionError('08P01', `unexpected message type 0x${type.toString(16)} during COPY from stdin`, {
    severity: 'FATAL',
  })

export class CopyIn {
  readonly #pipeline: RequestPipeline
  /** The client's frames belong to the COPY. */
  isUnderWay = false
  /** The client has ended its data, or the server has refused them: only a Sync may follow. */
  #dataEnded = false

  constructor(pipeline: RequestPipeline) {
    this.#pipeline = pipeline
  }

  started(): void {
    this.isUnderWay = true
    this.#dataEnded = false
  }

  /** The server has reported an error. */
  failed(): void {
    this.#dataEnded = true
    this.isUnderWay &&= this.#pipeline.syncIgnored
  }

  /** The request is fully answered. */
  finished(): void {
    this.isUnderWay = false
    this.#dataEnded = false
  }

  /**
   * Forwards frames while the server keeps up; `skipping`: after an error, a server discards messages that do not
   * belong to the COPY. Returns false if the client sends Terminate. Throws on an unexpected message, which stays in
   * the input.
   */
  forward(input: ClientInput, skipping: boolean): boolean {
    for (let frame = input.first; frame && this.isUnderWay; frame = input.first) {
      if (this.#pipeline.backpressure.isClosed) break
      if (frame.type === Frontend.Terminate) return false
      this.#take(frame.type, frame.bytes, skipping)
      input.shift()
    }
    return true
  }

  #take(type: number, bytes: Buffer, skipping: boolean): void {
    if (isCopyFrame(type)) this.#takeData(type, bytes)
    else if (type === Frontend.Sync) this.#takeSync(bytes)
    else if (type !== Frontend.Flush && !skipping) throw outOfPlace(type)
  }

  #takeData(type: number, bytes: Buffer): void {
    if (!this.#dataEnded) this.#pipeline.add(bytes)
    if (type !== Frontend.CopyData) this.#dataEnded = true
    if (!this.#dataEnded || this.#pipeline.syncIgnored) return
    this.isUnderWay = false
    // Without a Sync or Flush, the server would not send its response.
    this.#pipeline.add(flush)
  }

  #takeSync(bytes: Buffer): void {
    // A server ignores a Sync among the data.
    if (!this.#dataEnded) return
    this.#pipeline.add(bytes)
    this.isUnderWay = false
  }
}
