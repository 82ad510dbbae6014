/** Thrown by what reads a text, for the first character that cannot stand where it does. */
export class ParseError extends Error {
  readonly offset: number

  /** @param offset Of the character, in the whole text. */
  constructor(offset: number, message: string) {
    super(message)
    this.offset = offset
  }
}
