/** Bytes that go out together: pieces of one chunk that adjoin are not copied, and neither are large ones. */

/** Up to this many bytes, one write of a copy is cheaper than several writes. */
const copied = 65_536

export class Pieces {
  #pieces: Buffer[] = []
  #length = 0

  add(bytes: Buffer): void {
    this.#length += bytes.length
    const last = this.#pieces.at(-1)
    if (last && last.buffer === bytes.buffer && last.byteOffset + last.length === bytes.byteOffset) {
      this.#pieces[this.#pieces.length - 1] = Buffer.from(last.buffer, last.byteOffset, last.length + bytes.length)
      return
    }
    this.#pieces.push(bytes)
  }

  /** What was added since the last call, in as many buffers as are to be written. */
  take(): readonly Buffer[] {
    const pieces = this.#pieces
    const length = this.#length
    this.#pieces = []
    this.#length = 0
    return pieces.length < 2 || length > copied ? pieces : [Buffer.concat(pieces)]
  }
}
