/** A syntax error at the first unexpected character. */
export class ParseError extends Error {
  readonly offset: number

  /** @param offset Of the character, in the source's text. */
  constructor(offset: number, message: string) {
    super(message)
    this.offset = offset
  }
}
