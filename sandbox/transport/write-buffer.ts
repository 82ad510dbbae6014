/** Gathers bytes for one write: pieces of one chunk that adjoin are not copied, and neither are large ones. */

/** Up to this many bytes, one write of a copy is cheaper than several writes. */
const copied = 65_536

/** A stretch of memory, as seen from where `chunk` begins; it may go on behind the chunk's end. */
type Piece = { chunk: Buffer; from: number; to: number }

export class WriteBuffer {
  #pieces: Piece[] = []
  #last: Piece | undefined
  #length = 0

  get isEmpty(): boolean {
    return this.#last === undefined
  }

  /** `from`, `to`: the part of the chunk that is meant. */
  add(chunk: Buffer, from = 0, to = chunk.length): void {
    this.#length += to - from
    if (this.#last && adjoins(this.#last, chunk, from)) {
      this.#last.to += to - from
      return
    }
    this.#last = { chunk, from, to }
    this.#pieces.push(this.#last)
  }

  /** What was added since the last call, in as many buffers as are to be written. */
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
  for (const piece of pieces) at += bytesOf(piece).copy(whole, at)
  return whole
}
