// Splits SQL text into tokens by the lexical rules of PostgreSQL.

import {
  AMPERSAND,
  COLON,
  classOf,
  DIGIT,
  DOLLAR,
  DOT,
  DOUBLE_QUOTE,
  EQUALS,
  IDENTIFIER_PART,
  IDENTIFIER_START,
  MINUS,
  OPERATOR,
  QUOTE,
  SELF,
  SPACE,
} from './characters.ts'
import { numberEnd } from './numbers.ts'
import { opensComment, operatorEnd, operatorRunEnd } from './operators.ts'
import * as quoted from './quoted.ts'

/** `identifier` includes keywords; `symbol` is a self character, `other` one that no rule matches. */
export type TokenKind =
  | 'identifier'
  | 'quoted identifier'
  | 'string'
  | 'bit string'
  | 'dollar string'
  | 'parameter'
  | 'number'
  | 'operator'
  | 'symbol'
  | 'comment'
  | 'unterminated'
  | 'other'

/** A token lies from `start` up to `end`, in UTF-16 code units; `unterminated` reaches to the end of the text. */
export interface Token {
  readonly kind: TokenKind
  readonly start: number
  readonly end: number
}

/** How to read the text: with `standardConformingStrings: false`, a backslash escapes in '...' too. */
export interface LexicalOptions {
  readonly standardConformingStrings?: boolean
}

/** All tokens of the text, comments included, white space not. Never throws. */
export function tokenize(sql: string, options?: LexicalOptions): Token[] {
  const tokens: Token[] = []
  const scanner = new Scanner(sql, options)
  while (scanner.next()) tokens.push({ kind: scanner.kind, start: scanner.start, end: scanner.end })
  return tokens
}

/** Iterates over the tokens of `sql` between two token boundaries without an object for each. */
export class Scanner implements Token {
  kind: TokenKind = 'other'
  start: number
  end: number
  readonly #sql: string
  readonly #to: number
  readonly #plainStringEnd: (sql: string, from: number) => number
  // Where the trailing signs of a run of operator characters end: each is a token, and the run is read only once.
  #signsUntil = 0

  constructor(sql: string, options?: LexicalOptions, from = 0, to = sql.length) {
    this.#sql = sql
    this.#to = to
    this.#plainStringEnd = options?.standardConformingStrings === false ? quoted.escapeStringEnd : quoted.stringEnd
    this.start = from
    this.end = from
  }

  /** Moves to the next token, that of `kind`, `start` and `end`. Returns false if there is none. */
  next(): boolean {
    const sql = this.#sql
    const to = this.#to
    let at = this.end
    while (at < to && classOf(sql.charCodeAt(at)) & SPACE) at += 1
    this.start = at
    this.end = at
    if (at >= to) return false
    const code = sql.charCodeAt(at)
    const classes = classOf(code)
    if (classes & IDENTIFIER_START) return this.#word(code)
    if (classes & DIGIT) return this.#accept('number', numberEnd(sql, at))
    if (classes & OPERATOR) return this.#operator(code)
    if (classes & SELF) return this.#punctuation(code)
    if (code === QUOTE) return this.#accept('string', this.#plainStringEnd(sql, at + 1))
    if (code === DOUBLE_QUOTE) return this.#accept('quoted identifier', quoted.quotedIdentifierEnd(sql, at + 1))
    if (code === DOLLAR) return this.#dollar()
    return this.#accept('other', at + 1)
  }

  #accept(kind: TokenKind, end: number): boolean {
    this.kind = end < 0 ? 'unterminated' : kind
    this.end = end < 0 ? this.#sql.length : end
    return true
  }

  #word(code: number): boolean {
    const sql = this.#sql
    const next = sql.charCodeAt(this.start + 1)
    if (next === QUOTE) {
      const letter = code | 32
      if (letter === E) return this.#accept('string', quoted.escapeStringEnd(sql, this.start + 2))
      if (letter === B || letter === X) return this.#accept('bit string', quoted.bitStringEnd(sql, this.start + 2))
    } else if (next === AMPERSAND && (code | 32) === U) {
      const quote = sql.charCodeAt(this.start + 2)
      if (quote === QUOTE) return this.#accept('string', quoted.stringEnd(sql, this.start + 3))
      if (quote === DOUBLE_QUOTE) {
        return this.#accept('quoted identifier', quoted.quotedIdentifierEnd(sql, this.start + 3))
      }
    }
    let end = this.start + 1
    while (classOf(sql.charCodeAt(end)) & IDENTIFIER_PART) end += 1
    return this.#accept('identifier', end)
  }

  #operator(code: number): boolean {
    const sql = this.#sql
    const start = this.start
    if (start < this.#signsUntil) return this.#accept('symbol', start + 1)
    if (opensComment(sql, start)) {
      const end = code === MINUS ? quoted.lineCommentEnd(sql, start) : quoted.blockCommentEnd(sql, start + 2)
      return this.#accept('comment', end)
    }
    const runEnd = operatorRunEnd(sql, start)
    const end = operatorEnd(sql, start, runEnd)
    if (end < runEnd) this.#signsUntil = runEnd
    return this.#accept(end === start + 1 && classOf(code) & SELF ? 'symbol' : 'operator', end)
  }

  #punctuation(code: number): boolean {
    const next = this.#sql.charCodeAt(this.start + 1)
    if (code === DOT && classOf(next) & DIGIT) return this.#accept('number', numberEnd(this.#sql, this.start))
    if (code === DOT && next === DOT) return this.#accept('operator', this.start + 2)
    if (code === COLON && (next === COLON || next === EQUALS)) return this.#accept('operator', this.start + 2)
    return this.#accept('symbol', this.start + 1)
  }

  #dollar(): boolean {
    const sql = this.#sql
    let end = this.start + 1
    while (classOf(sql.charCodeAt(end)) & DIGIT) end += 1
    if (end > this.start + 1) return this.#accept('parameter', end)
    const bodyStart = quoted.dollarDelimiterEnd(sql, this.start)
    if (bodyStart < 0) return this.#accept('other', end)
    return this.#accept('dollar string', quoted.dollarStringEnd(sql, this.start, bodyStart))
  }
}

const B = 98
const E = 101
const U = 117
const X = 120
