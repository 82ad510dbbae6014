/** Gathers what a session has to say and says it in one write: pieces of one chunk that adjoin are not copied. */
export class Output {
  #pieces: Buffer[] = []

  add(bytes: Buffer): void {
    const last = this.#pieces.at(-1)
    if (last && last.buffer === bytes.buffer && last.byteOffset + last.length === bytes.byteOffset) {
      this.#pieces[this.#pieces.length - 1] = Buffer.from(last.buffer, last.byteOffset, last.length + bytes.length)
      return
    }
    this.#pieces.push(bytes)
  }

  /** What was gathered since the last call; undefined if nothing. */
  take(): Buffer | undefined {
    const pieces = this.#pieces
    if (pieces.length === 0) return undefined
    this.#pieces = []
    return pieces.length === 1 ? pieces[0] : Buffer.concat(pieces)
  }
}
