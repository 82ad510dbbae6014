// Reads the tokens of a statement from left to right, for the grammar of a command.

import { isKeyword, nameOf } from '../../../postgres/lexer/names.ts'
import type { Statement } from '../../../postgres/lexer/statements.ts'
import type { Token } from '../../../postgres/lexer/tokenizer.ts'

/** A position between two tokens of a statement. `take...` moves it only if it finds what it takes. */
export class Phrase {
  readonly #sql: string
  readonly #end: number
  readonly #tokens: readonly Token[]
  #at = 0

  constructor(statement: Statement) {
    this.#sql = statement.sql
    this.#end = statement.end
    this.#tokens = statement.tokens
  }

  /** Whether no token is left. */
  get done(): boolean {
    return this.#at === this.#tokens.length
  }

  /** How many tokens are left. */
  get left(): number {
    return this.#tokens.length - this.#at
  }

  /** The text from here to the statement's end, as written; '' at the end. */
  get rest(): string {
    const token = this.#tokens[this.#at]
    return token ? this.#sql.slice(token.start, this.#end) : ''
  }

  /** Whether one of the keywords (in lower case) is next, or next but `ahead`. */
  sees(keywords: readonly string[], ahead = 0): boolean {
    const token = this.#tokens[this.#at + ahead]
    return token?.kind === 'identifier' && keywords.some(word => isKeyword(this.#sql, token.start, token.end, word))
  }

  /** Whether the symbol or operator is next, or next but `ahead`. */
  seesSign(sign: string, ahead = 0): boolean {
    const token = this.#tokens[this.#at + ahead]
    if (token?.kind !== 'symbol' && token?.kind !== 'operator') return false
    return token.end - token.start === sign.length && this.#sql.startsWith(sign, token.start)
  }

  /** Takes the keywords if all of them are next, in this order. */
  take(...keywords: string[]): boolean {
    if (!keywords.every((keyword, ahead) => this.sees([keyword], ahead))) return false
    this.#at += keywords.length
    return true
  }

  /** Takes the symbol or operator if it is next. */
  takeSign(sign: string): boolean {
    if (!this.seesSign(sign)) return false
    this.#at += 1
    return true
  }

  /** Takes one token whatever it is. */
  skip(): void {
    if (!this.done) this.#at += 1
  }

  /** Takes what stands in parentheses, with them, if they open here. */
  skipParentheses(): boolean {
    if (!this.seesSign('(')) return false
    let depth = 0
    do {
      if (this.takeSign('(')) depth += 1
      else if (this.takeSign(')')) depth -= 1
      else this.skip()
    } while (depth > 0 && !this.done)
    return true
  }

  /** Takes a name, folded and unquoted, if one is next. */
  takeName(): string | undefined {
    const token = this.#tokens[this.#at]
    const marker = this.#unicodeMarker()
    const name = token && nameOf(this.#sql, token, marker)
    if (name !== undefined) this.#at += marker === undefined ? 1 : 3
    return name
  }

  /** Takes a string if one is next, and returns it as written: '...', E'...', U&'...' or $$...$$. */
  takeString(): string | undefined {
    const token = this.#tokens[this.#at]
    if (token?.kind !== 'string' && token?.kind !== 'dollar string') return undefined
    this.#at += this.#unicodeMarker() === undefined ? 1 : 3
    return this.#sql.slice(token.start, this.#tokens[this.#at - 1]?.end)
  }

  // The escape character of U&"..." UESCAPE '!' when such a pair follows the next token.
  #unicodeMarker(): string | undefined {
    const [token, , marker] = this.#tokens.slice(this.#at, this.#at + 3)
    if (!token || !this.sees(['uescape'], 1) || marker?.kind !== 'string') return undefined
    if (!/^u&/i.test(this.#sql.slice(token.start, token.end))) return undefined
    const [, character] = /^'([^0-9a-f+'"\s])'$/i.exec(this.#sql.slice(marker.start, marker.end)) ?? []
    return character
  }
}
