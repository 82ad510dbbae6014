// Splits SQL text into statements.

import { type BodyStage, NO_BODY, nextStage, START, semicolonStage } from './routine-body.ts'
import { type LexicalOptions, Scanner, type Token } from './tokenizer.ts'

/**
 * One statement of a text, from its first token up to its last one: without the semicolon, and without comments around
 * it. To forward a single statement, forward the whole text, so that `/*+ hints *\/` and error positions stay right.
 */
export interface Statement {
  /** The whole text that the statement is part of; `start`, `end` and its tokens are positions in it. */
  readonly sql: string
  readonly start: number
  readonly end: number
  /** The statement's own text, made on first use. */
  readonly text: string
  /** Its tokens without comments, made on first use. */
  readonly tokens: readonly Token[]
  /** How the text was read. */
  readonly options: LexicalOptions | undefined
}

/** The statements of a text in order, without empty ones. Never throws: malformed text is one statement. */
export function splitStatements(sql: string, options?: LexicalOptions): Statement[] {
  const statements: Statement[] = []
  const scanner = new Scanner(sql, options)
  let start = -1
  let end = 0
  // Semicolons in parentheses separate the commands of a rule.
  let parentheses = 0
  let stage: BodyStage = START
  while (scanner.next()) {
    if (scanner.kind === 'comment') continue
    const symbol = scanner.kind === 'symbol' ? sql.charCodeAt(scanner.start) : 0
    if (symbol === SEMICOLON && parentheses === 0) {
      stage = semicolonStage(stage)
      if (stage === START) {
        if (start >= 0) statements.push(new Slice(sql, start, end, options))
        start = -1
        continue
      }
    } else if (symbol === OPEN) parentheses += 1
    else if (symbol === CLOSE && parentheses > 0) parentheses -= 1
    else if (stage !== NO_BODY && parentheses === 0) stage = nextStage(stage, sql, scanner)
    if (start < 0) start = scanner.start
    end = scanner.end
  }
  if (start >= 0) statements.push(new Slice(sql, start, end, options))
  return statements
}

class Slice implements Statement {
  readonly sql: string
  readonly start: number
  readonly end: number
  readonly options: LexicalOptions | undefined

  constructor(sql: string, start: number, end: number, options: LexicalOptions | undefined) {
    this.sql = sql
    this.start = start
    this.end = end
    this.options = options
  }

  get text(): string {
    return this.sql.slice(this.start, this.end)
  }

  get tokens(): Token[] {
    const tokens: Token[] = []
    const scanner = new Scanner(this.sql, this.options, this.start, this.end)
    while (scanner.next()) {
      if (scanner.kind !== 'comment') tokens.push({ kind: scanner.kind, start: scanner.start, end: scanner.end })
    }
    return tokens
  }
}

const SEMICOLON = 59
const OPEN = 40
const CLOSE = 41
