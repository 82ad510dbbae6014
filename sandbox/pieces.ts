/** Bytes that go out together: pieces of one chunk that adjoin are not copied, and neither are large ones. */

/** Up to this many bytes, one write of a copy is cheaper than several writes. */
const copied = 65_536

/** A stretch of memory, in which `first` comes first. */
type Piece = { first: Buffer; length: number }

export class Pieces {
  #pieces: Piece[] = []
  #last: Piece | undefined
  #length = 0

  add(bytes: Buffer): void {
    this.#length += bytes.length
    const last = this.#last
    if (last && last.first.buffer === bytes.buffer && last.first.byteOffset + last.length === bytes.byteOffset) {
      last.length += bytes.length
      return
    }
    this.#last = { first: bytes, length: bytes.length }
    this.#pieces.push(this.#last)
  }

  /** What was added since the last call, in as many buffers as are to be written. */
  take(): readonly Buffer[] {
    if (!this.#last) return none
    const pieces = this.#pieces.map(wholeOf)
    const length = this.#length
    this.#pieces = []
    this.#last = undefined
    this.#length = 0
    return pieces.length < 2 || length > copied ? pieces : [Buffer.concat(pieces, length)]
  }
}

const none: readonly Buffer[] = []

function wholeOf({ first, length }: Piece): Buffer {
  return length === first.length ? first : Buffer.from(first.buffer, first.byteOffset, length)
}
