/** Where answers go, and what a session wants to know of them. */
import type { Renamed } from '../sql/rename-statements.ts'

export interface AnswerListener {
  /** A piece of the answer that the client should see, from `from` to `to` in the chunk. It is valid only until `settled`. */
  pass(chunk: Buffer, from: number, to: number): void
  /** All frames of a chunk have been passed. */
  settled(): void
  /** The server takes more. */
  drained(): void
  /** A CommandComplete, which the client should see as well. */
  completed(chunk: Buffer, from: number, to: number): void
  /** A notice of the server's. */
  told(bytes: Buffer): void
  /** A notice that comes with the commit of what was completed. */
  noticed(bytes: Buffer): void
  /** An ErrorResponse, which the client should see as well; `renamed`: how the text was changed that it is about. */
  failed(bytes: Buffer, renamed: Renamed | undefined): void
  copyInStarted(): void
  /** The server tells the value of a setting. */
  reported(bytes: Buffer): void
  /** Nothing is under way any more, though no ReadyForQuery has come. */
  rested(): void
}
