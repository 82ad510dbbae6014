/** Takes the frames of the answer that is under way. */
export interface Receiver {
  /** It lies in the chunk from `from` to `to`, and is valid only until `settle`. */
  frame(type: number, chunk: Buffer, from: number, to: number): void
  /** All frames of a chunk have been given. */
  settle?(): void
  /** The server takes more, after `write` has returned false. */
  drained?(): void
  /** No more will come. */
  lost(reason: Error): void
}
