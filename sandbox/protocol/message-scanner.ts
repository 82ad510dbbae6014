/** Follows a stream of messages and keeps only the first bytes of each, so that a large one takes no more memory. */

/** The first bytes of a message, type and length included; `length` is that of the whole message. */
export type MessageHead = { readonly type: number; readonly bytes: Buffer; readonly length: number }

export class MessageScanner {
  readonly #kept: number
  #head: Buffer = Buffer.alloc(0)
  /** How many bytes of the message have not arrived, once its length is known. */
  #remaining: number | undefined
  #length = 0

  /** `kept`: how many bytes of each message are kept. */
  constructor(kept: number) {
    this.#kept = kept
  }

  /** Calls `onMessage` for each message that ends in the chunk. Keeps nothing of the chunk. */
  read(chunk: Buffer, onMessage: (head: MessageHead) => void): void {
    for (let at = 0; at < chunk.length; ) {
      if (this.#remaining === undefined) {
        at += this.#keep(chunk, at, 5)
        if (this.#head.length < 5) return
        this.#length = Math.max(5, 1 + this.#head.readUInt32BE(1))
        this.#remaining = this.#length - 5
      }
      const taken = Math.min(this.#remaining, chunk.length - at)
      this.#keep(chunk.subarray(at, at + taken), 0, this.#kept)
      at += taken
      this.#remaining -= taken
      if (this.#remaining > 0) return
      const bytes = this.#head
      this.#head = Buffer.alloc(0)
      this.#remaining = undefined
      onMessage({ type: bytes[0] ?? 0, bytes, length: this.#length })
    }
  }

  /** Adds to the head until it has this many bytes. Returns how many were added. */
  #keep(chunk: Buffer, at: number, until: number): number {
    const added = chunk.subarray(at, at + Math.max(0, until - this.#head.length))
    if (added.length > 0) this.#head = Buffer.concat([this.#head, added])
    return added.length
  }
}
