// Recognises statements that do nothing but acquire or release advisory locks.

import { fold } from '../../../postgres/lexer/names.ts'
import type { Statement } from '../../../postgres/lexer/statements.ts'
import type { Token } from '../../../postgres/lexer/tokenizer.ts'

/** SELECT of calls of the advisory lock functions and of nothing else, from no table. */
export function isAdvisoryLock(statement: Statement): boolean {
  const { sql, start, end } = statement
  // Few statements are: others are not tokenized.
  MENTION.lastIndex = start
  const found = MENTION.exec(sql)
  if (!found || found.index >= end) return false
  const words = statement.tokens.map(token => wordOf(sql, token))
  if (words[0] !== 'select') return false
  return itemsOf(words.slice(1)).every(isLock)
}

const MENTION = /advisory/gi

/** Splits a list at its commas outside of parentheses. */
function itemsOf(words: readonly string[]): string[][] {
  const items: string[][] = [[]]
  let depth = 0
  for (const word of words) {
    if (word === '(' || word === '[') depth += 1
    if (word === ')' || word === ']') depth -= 1
    if (word === ',' && depth === 0) items.push([])
    else items.at(-1)?.push(word)
  }
  return items
}

// [pg_catalog.]function(arguments) [::type] [[AS] name]
function isLock(item: readonly string[]): boolean {
  const words = item[0] === 'pg_catalog' && item[1] === '.' ? item.slice(2) : item
  if (!FUNCTION.test(words[0] ?? '') || words[1] !== '(') return false
  const close = closing(words)
  if (close === -1 || words.slice(2, close).some(word => word === 'select' || word === 'with')) return false
  const rest = words.slice(close + 1)
  if (rest[0] === '::') rest.splice(0, 2)
  if (rest[0] === 'as') rest.splice(0, 1)
  return rest.length === 0 || (rest.length === 1 && /^["\p{L}_]/u.test(rest[0] ?? '') && !CLAUSES.has(rest[0] ?? ''))
}

const FUNCTION = /^pg_(try_)?advisory_(xact_)?(lock|unlock)(_shared|_all)?$/
const CLAUSES: ReadonlySet<string> = new Set(['from', 'where', 'union', 'limit', 'order', 'for'])

function closing(words: readonly string[]): number {
  let depth = 0
  for (const [at, word] of words.entries()) {
    if (word === '(') depth += 1
    if (word === ')') {
      depth -= 1
      if (depth === 0) return at
    }
  }
  return -1
}

function wordOf(sql: string, { kind, start, end }: Token): string {
  const text = sql.slice(start, end)
  return kind === 'identifier' ? fold(text) : text
}
