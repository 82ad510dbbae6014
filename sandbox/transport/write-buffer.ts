/**
 * Buffers bytes for one write. Adjacent ranges of one chunk are joined without a copy, and large ones are not copied.
 */

/** Up to this many bytes, a copy and one write are cheaper than several writes. */
const copied = 65_536

/** A range of memory with offsets relative to `chunk`; it may extend past the end of `chunk`. */
type Piece = { chunk: Buffer; from: number; to: number }

export class WriteBuffer {
  #pieces: Piece[] = []
  #last: Piece | undefined
  #length = 0

  get isEmpty(): boolean {
    return this.#last === undefined
  }

  /** Adds the range `from` to `to` of the chunk. */
  add(chunk: Buffer, from = 0, to = chunk.length): void {
    this.#length += to - from
    if (this.#last && adjoins(this.#last, chunk, from)) {
      this.#last.to += to - from
      return
    }
    this.#last = { chunk, from, to }
    this.#pieces.push(this.#last)
  }

  /** Returns the buffers to write, and empties this one. */
  take(): readonly Buffer[] {
    if (!this.#last) return none
    const pieces = this.#pieces
    const length = this.#length
    this.#pieces = []
    this.#last = undefined
    this.#length = 0
    return pieces.length === 1 || length > copied ? pieces.map(bytesOf) : [copyOf(pieces, length)]
  }
}

const none: readonly Buffer[] = []

function adjoins(last: Piece, chunk: Buffer, from: number): boolean {
  if (last.chunk === chunk) return last.to === from
  return last.chunk.byteOffset + last.to === chunk.byteOffset + from && last.chunk.buffer === chunk.buffer
}

function bytesOf({ chunk, from, to }: Piece): Buffer {
  if (from === 0 && to === chunk.length) return chunk
  return Buffer.from(chunk.buffer, chunk.byteOffset + from, to - from)
}

function copyOf(pieces: readonly Piece[], length: number): Buffer {
  const whole = Buffer.allocUnsafe(length)
  let at = 0
  for (const piece of pieces) {
    const { chunk, from, to } = piece
    at += to <= chunk.length ? chunk.copy(whole, at, from, to) : bytesOf(piece).copy(whole, at)
  }
  return whole
}
