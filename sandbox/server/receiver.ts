/** Receives the frames of the current response. */
export interface Receiver {
  /** A frame in the range `from` to `to` of the chunk, valid only until `settle`. */
  frame(type: number, chunk: Buffer, from: number, to: number): void
  /** All frames of a chunk were delivered. */
  settle?(): void
  /** The server accepts data again after `write` returned false. */
  drained?(): void
  /** The connection is lost. */
  lost(reason: Error): void
}
