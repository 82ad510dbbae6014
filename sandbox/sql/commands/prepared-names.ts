// Finds the names of prepared statements in a statement.

import { isKeyword, nameOf } from '../../../postgres/lexer/names.ts'
import type { Statement } from '../../../postgres/lexer/statements.ts'
import type { Token } from '../../../postgres/lexer/tokenizer.ts'
import { Phrase } from './phrase.ts'

/** A name as the server stores it, and its position in the whole text. */
export interface NamedStatement {
  readonly name: string
  readonly start: number
  readonly end: number
}

/** The name after PREPARE or EXECUTE, or after the EXECUTE in EXPLAIN and CREATE TABLE AS; undefined if there is none. */
export function preparedName(statement: Statement): NamedStatement | undefined {
  const { sql, start, end, tokens } = statement
  MENTION.lastIndex = start
  const found = MENTION.exec(sql)
  if (!found || found.index >= end) return undefined
  const at = preparedQuery(statement) === undefined ? executeIn(sql, tokens) : 0
  const token = at === undefined ? undefined : tokens[at + 1]
  const name = token && nameOf(sql, token)
  return token && name !== undefined ? { name, start: token.start, end: token.end } : undefined
}

/** The index of EXECUTE in [EXPLAIN ...] [CREATE TABLE ... AS] EXECUTE; undefined if it is another statement. */
function executeIn(sql: string, tokens: readonly Token[]): number | undefined {
  const is = (at: number, ...keywords: string[]) => {
    const token = tokens[at]
    return token?.kind === 'identifier' && keywords.some(word => isKeyword(sql, token.start, token.end, word))
  }
  const isSign = (at: number, sign: string) => tokens[at]?.kind === 'symbol' && sql.charAt(tokens[at].start) === sign
  let at = 0
  if (is(at, 'explain')) {
    at = isSign(1, '(') ? afterParentheses(1) : 1
    while (is(at, 'analyze', 'analyse', 'verbose')) at += 1
  }
  if (is(at, 'create')) {
    if (![1, 2, 3].some(ahead => is(at + ahead, 'table'))) return undefined
    while (at < tokens.length && !is(at, 'as')) at = isSign(at, '(') ? afterParentheses(at) : at + 1
    at += 1
  }
  return is(at, 'execute') ? at : undefined

  function afterParentheses(from: number): number {
    let depth = 0
    for (let i = from; i < tokens.length; i += 1) {
      if (isSign(i, '(')) depth += 1
      else if (isSign(i, ')')) depth -= 1
      if (depth === 0) return i + 1
    }
    return tokens.length
  }
}

/** The query of a PREPARE, as written; undefined for any other statement. */
export function preparedQuery(statement: Statement): string | undefined {
  const phrase = new Phrase(statement)
  if (!phrase.take('prepare') || phrase.takeName() === undefined) return undefined
  phrase.skipParentheses()
  return phrase.take('as') && !phrase.done ? phrase.rest : undefined
}

const MENTION = /prepare|execute/gi
