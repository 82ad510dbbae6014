/** Gathers what a session has to say and says it in one write: pieces of one chunk that adjoin are not copied. */

/** Where a session's bytes go. */
export type Port = { send(bytes: Buffer): void; end(): void }

export class Output {
  readonly #port: Port
  #pieces: Buffer[] = []
  #held: Buffer | undefined
  #ended = false

  constructor(port: Port) {
    this.#port = port
  }

  /** Keeps the bytes until it is known that they are true: they are said before what is added next. */
  hold(bytes: Buffer): void {
    this.#release()
    this.#held = Buffer.from(bytes)
  }

  /** What is held is not true. */
  drop(): void {
    this.#held = undefined
  }

  add(bytes: Buffer): void {
    this.#release()
    this.#append(bytes)
  }

  /** Says it before what is held. */
  addAhead(bytes: Buffer): void {
    this.#append(bytes)
  }

  #release(): void {
    const held = this.#held
    this.#held = undefined
    if (held) this.#append(held)
  }

  #append(bytes: Buffer): void {
    const last = this.#pieces.at(-1)
    if (last && last.buffer === bytes.buffer && last.byteOffset + last.length === bytes.byteOffset) {
      this.#pieces[this.#pieces.length - 1] = Buffer.from(last.buffer, last.byteOffset, last.length + bytes.length)
      return
    }
    this.#pieces.push(bytes)
  }

  /** Sends what was gathered. */
  flush(): void {
    const pieces = this.#pieces
    const first = pieces[0]
    if (!first) return
    this.#pieces = []
    if (!this.#ended) this.#port.send(pieces.length === 1 ? first : Buffer.concat(pieces))
  }

  /** Sends nothing any more. */
  end(): void {
    this.#ended = true
    this.#port.end()
  }
}
