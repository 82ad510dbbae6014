// Reads the value that a SET assigns to a parameter.

import { splitStatements } from '../../../postgres/lexer/statements.ts'

/** Returns the unquoted value; undefined for DEFAULT. A list, or a malformed value, is returned as written. */
export function assignedValue(sql: string): string | undefined {
  const tokens = splitStatements(sql)[0]?.tokens ?? []
  const texts = tokens.map(({ start, end }) => sql.slice(start, end))
  const sign = texts.findIndex((text, at) => at > 0 && (text === '=' || text.toLowerCase() === 'to'))
  // SET TIME ZONE, SET SESSION AUTHORIZATION and the like have no sign; SET NAMES may have no value either.
  const value = sign === -1 ? texts.slice(-1) : texts.slice(sign + 1)
  const [first = ''] = value
  if (value.length !== 1) return value.join('')
  const word = first.toLowerCase()
  if (word === 'default' || (sign === -1 && (word === 'local' || word === 'names'))) return undefined
  const quoted = /^(?:e?'(.*)'|"(.*)")$/is.exec(first)
  if (!quoted) return word
  return quoted[1]?.replaceAll("''", "'") ?? quoted[2]?.replaceAll('""', '"')
}
