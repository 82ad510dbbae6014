/** Forwards the data of a COPY from the client, up to the Sync that ends it. */

import { Frontend, flush } from '../protocol/frontend-messages.ts'
import { SessionError } from '../protocol/pg-error.ts'
import type { RequestPipeline } from '../server/request-pipeline.ts'
import type { ClientInput } from '../transport/client-input.ts'

/** A frame that belongs to a COPY from the client. */
export const isCopyFrame = (type: number): boolean =>
  type === Frontend.CopyData || type === Frontend.CopyDone || type === Frontend.CopyFail

/** For a message that may not come while a COPY takes data: a server ends the connection over it. */
export const outOfPlace = (type: number): SessionError =>
  new SessionError('08P01', `unexpected message type 0x${type.toString(16)} during COPY from stdin`, {
    severity: 'FATAL',
  })

export class CopyIn {
  readonly #pipeline: RequestPipeline
  /** The client's frames belong to it. */
  isUnderWay = false
  /** The client has ended its data, or the server has had enough of them: only a Sync is to come. */
  #dataEnded = false

  constructor(pipeline: RequestPipeline) {
    this.#pipeline = pipeline
  }

  started(): void {
    this.isUnderWay = true
    this.#dataEnded = false
  }

  /** The server has refused the data. */
  failed(): void {
    this.#dataEnded = true
    this.isUnderWay &&= this.#pipeline.syncIgnored
  }

  /** Everything was answered. */
  finished(): void {
    this.isUnderWay = false
    this.#dataEnded = false
  }

  /**
   * Takes its frames while the server keeps up; `skipping`: an error makes a server drop what is no part of the COPY. False if
   * the client sends Terminate. Throws what is out of place, which stays where it is.
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
    // Without a Sync, the server would keep its answer.
    this.#pipeline.add(flush)
  }

  #takeSync(bytes: Buffer): void {
    // Among the data, a server takes no notice of it.
    if (!this.#dataEnded) return
    this.#pipeline.add(bytes)
    this.isUnderWay = false
  }
}
