/** Reads the server's response to an internal request, up to its ReadyForQuery. */

import {
  Backend,
  type ErrorFields,
  readErrorFields,
  statusOf,
  type TransactionStatus,
} from '../protocol/backend-messages.ts'
import { RowReader } from '../protocol/data-rows.ts'
import type { Receiver } from './receiver.ts'

/** The response to a request: status byte of ReadyForQuery, error if any, rows as text, notices and parameters. */
export type ServerResponse = {
  status: TransactionStatus
  error?: ErrorFields
  rows: (string | null)[][]
  /** NoticeResponse frames. */
  notices: Buffer[]
  /** ParameterStatus frames. */
  reports: Buffer[]
}

export class ResponseReader implements Receiver {
  readonly #resolve: (answer: ServerResponse) => void
  readonly #reject: (reason: Error) => void
  readonly #rows = new RowReader()
  readonly #notices: Buffer[] = []
  readonly #reports: Buffer[] = []
  #error: ErrorFields | undefined

  constructor(resolve: (answer: ServerResponse) => void, reject: (reason: Error) => void) {
    this.#resolve = resolve
    this.#reject = reject
  }

  frame(type: number, chunk: Buffer, from: number, to: number): void {
    switch (type) {
      case Backend.ErrorResponse:
        this.#error ??= readErrorFields(chunk.subarray(from, to))
        return
      case Backend.DataRow:
        this.#rows.add(chunk.subarray(from, to))
        return
      case Backend.NoticeResponse:
        this.#notices.push(Buffer.from(chunk.subarray(from, to)))
        return
      case Backend.ParameterStatus:
        this.#reports.push(Buffer.from(chunk.subarray(from, to)))
        return
      case Backend.ReadyForQuery:
        this.#resolve({
          status: statusOf(chunk, from),
          ...(this.#error && { error: this.#error }),
          rows: this.#rows.rows,
          notices: this.#notices,
          reports: this.#reports,
        })
    }
  }

  lost(reason: Error): void {
    this.#reject(reason)
  }
}
