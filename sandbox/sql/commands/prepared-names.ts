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
  const { sql, start, end } = statement
  MENTION.lastIndex = start
  const found = MENTION.exec(sql)
  if (!found || found.index >= end) return undefined
  const { tokens } = statement
  const is = (token: Token | undefined, keyword: string) =>
    token?.kind === 'identifier' && isKeyword(sql, token.start, token.end, keyword)
  const direct = is(tokens[0], 'execute') || preparedQuery(statement) !== undefined
  const explains = is(tokens[0], 'explain')
  if (!direct && !explains && !is(tokens[0], 'create')) return undefined
  const at = direct ? 0 : tokens.findIndex((token, i) => is(token, 'execute') && (i === 1 || isBefore(tokens[i - 1])))
  const token = tokens[at + 1]
  const name = at >= 0 && token ? nameOf(sql, token) : undefined
  return token && name !== undefined ? { name, start: token.start, end: token.end } : undefined

  // EXPLAIN [ANALYZE] [VERBOSE] [(...)] EXECUTE, CREATE TABLE ... AS EXECUTE
  function isBefore(before: Token | undefined): boolean {
    if (!before) return false
    if (!explains) return is(before, 'as')
    return ['analyze', 'analyse', 'verbose'].some(word => is(before, word)) || sql.charAt(before.start) === ')'
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
