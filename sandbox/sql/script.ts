// Keeps what SQL texts parse to, since applications repeat theirs.

import type { Command } from './commands/command.ts'
import { commandOf } from './commands/command-reader.ts'
import { type NamedStatement, preparedName } from './commands/prepared-names.ts'
import { type Statement, splitStatements } from './lexer/statements.ts'
import type { LexicalOptions } from './lexer/tokenizer.ts'

/** A text's statements and, at the same index, what is known of each. */
export interface Script {
  readonly statements: readonly Statement[]
  readonly commands: readonly Command[]
  /** The prepared statement that each of them names in SQL, if it does. */
  readonly names: readonly (NamedStatement | undefined)[]
  /** It may make a temporary table, or prepare a statement that does. */
  readonly mentionsTemporary: boolean
}

/** Parses a text; the same text gives the same object while it is remembered, so that nobody may change it. */
export type ScriptCache = (sql: string, options?: LexicalOptions) => Script

/** Remembers the last `limit` texts at most, and at least half as many; none that has more than `maxLength` characters. */
export function createScriptCache(limit = 1000, maxLength = 8192): ScriptCache {
  // Two generations instead of a list by age: a repeated text costs one look-up and no writing.
  const generation = Math.ceil(limit / 2)
  let young = new Map<string, Script>()
  let old = new Map<string, Script>()
  return (sql, options) => {
    // A long text is not even looked for: to hash it would cost as much as to read it.
    if (sql.length > maxLength || options?.standardConformingStrings === false) return parseScript(sql, options)
    const known = young.get(sql)
    if (known) return known
    const script = old.get(sql) ?? parseScript(sql)
    if (young.size >= generation) {
      old = young
      young = new Map()
    }
    young.set(sql, script)
    return script
  }
}

/** Parses a text without remembering it. */
export function parseScript(sql: string, options?: LexicalOptions): Script {
  const statements = splitStatements(sql, options)
  return {
    statements,
    commands: statements.map(commandOf),
    names: statements.map(preparedName),
    mentionsTemporary: TEMPORARY.test(sql),
  }
}

const TEMPORARY = /\b(?:pg_)?temp(?:orary)?\b/i
