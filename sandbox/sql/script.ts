// Parses SQL texts into statements and commands, and caches the results, since applications repeat their texts.

import { type Statement, splitStatements } from '../../postgres/lexer/statements.ts'
import type { LexicalOptions } from '../../postgres/lexer/tokenizer.ts'
import type { Command } from './commands/command.ts'
import { commandOf } from './commands/command-reader.ts'
import { type NamedStatement, preparedName } from './commands/prepared-names.ts'

/** The statements of a text and, at the same index, the command of each. */
export interface Script {
  readonly statements: readonly Statement[]
  readonly commands: readonly Command[]
  /** The prepared statement that each of them names, if any. */
  readonly names: readonly (NamedStatement | undefined)[]
  /** Whether it may create a temporary table, or prepare a statement that does. */
  readonly mentionsTemporary: boolean
  /** Whether it may open a cursor in PL/pgSQL, create a function that does, or has SQL for one that declares a cursor. */
  readonly mentionsOpen: boolean
  /** Whether it reads statistics of the server, as from pg_stat_activity. */
  readonly mentionsStatistics: boolean
  /** Whether it may create a function or a view that does. */
  readonly storesStatistics: boolean
  /** Whether it has a DEALLOCATE for a function or a block. */
  readonly mentionsDeallocate: boolean
}

/** Parses a text. While the text is cached, the same object is returned, which must not be changed. */
export type ScriptCache = (sql: string, options?: LexicalOptions) => Script

/** Caches at most `limit` texts, and at least the last half as many; none of more than `maxLength` characters. */
export function createScriptCache(limit = 1000, maxLength = 8192): ScriptCache {
  // Two generations instead of a list by age: a repeated text costs one look-up and no writing.
  const generation = Math.ceil(limit / 2)
  let young = new Map<string, Script>()
  let old = new Map<string, Script>()
  return (sql, options) => {
    // A long text is not looked up either: to hash it costs as much as to parse it.
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

/** Parses a text without the cache. */
export function parseScript(sql: string, options?: LexicalOptions): Script {
  const statements = splitStatements(sql, options)
  const commands = statements.map(commandOf)
  return {
    statements,
    commands,
    names: statements.map(preparedName),
    mentionsTemporary: TEMPORARY.test(sql),
    mentionsOpen: (PROCEDURAL.test(sql) && OPEN.test(sql)) || DECLARE.test(sql),
    mentionsStatistics: STATISTICS.test(sql),
    storesStatistics: STATISTICS.test(sql) && CREATE.test(sql),
    mentionsDeallocate: DEALLOCATE.test(sql) && !commands.every(({ kind }) => kind === 'deallocate'),
  }
}

const PROCEDURAL = /\b(?:create|do)\b/i
const OPEN = /\bopen\s+["\p{L}_]/iu
/** In dynamic SQL, also by `format('declare %I cursor ...')` and `'declare ' || name`. */
const DECLARE = /['$;]\s*declare\s+(?:["\p{L}_%][^;]*\scursor\s|')/iu
const CREATE = /\bcreate\b/i
const DEALLOCATE = /\bdeallocate\b/i
const STATISTICS = /\bpg_stat/i
const TEMPORARY = /\b(?:pg_)?temp(?:orary)?\b/i
