// Classifies a statement as a command.

import type { Statement } from '../../../postgres/lexer/statements.ts'
import { Scanner } from '../../../postgres/lexer/tokenizer.ts'
import { isAdvisoryLock } from './advisory-lock.ts'
import { settingsOfBlock } from './block-settings.ts'
import type { Command } from './command.ts'
import { copy } from './copy-command.ts'
import { Phrase } from './phrase.ts'
import { deallocate, declare, discard, execute, listen, notify, prepare, unlisten } from './session-commands.ts'
import { setConfigCalls, unknownCall, updatesSettings } from './set-config.ts'
import { reset, set, show } from './setting-commands.ts'
import { abort, begin, commit, end, release, rollback, savepoint, start } from './transaction-commands.ts'

/** Reads the command by its first keyword. Only control statements are tokenized. */
export function commandOf(statement: Statement): Command {
  const verb = verbOf(statement)
  const grammar = GRAMMARS.get(verb)
  if (grammar) {
    const phrase = new Phrase(statement)
    phrase.skip()
    const command = grammar(phrase)
    if (command) return withCalls(command, statement)
  }
  if (isAdvisoryLock(statement)) return { kind: 'advisory lock' }
  const settings = verb === 'DO' ? settingsOfBlock(statement) : []
  if (settings.length > 0) return { kind: 'do', settings }
  const own = setConfigCalls(statement)
  const calls = UPDATING.has(verb) && updatesSettings(statement) ? [unknownCall, ...own] : own
  return calls.length > 0 ? { kind: 'set config', calls } : { kind: 'other', verb }
}

/** What an UPDATE may begin with. In a CTE and in COPY, a server refuses that of a view with such a rule. */
const UPDATING: ReadonlySet<string> = new Set(['UPDATE', 'WITH', 'EXPLAIN'])

/** A COPY or a cursor may have a query. */
function withCalls(command: Command, statement: Statement): Command {
  if (command.kind !== 'copy' && command.kind !== 'declare') return command
  const calls = setConfigCalls(statement)
  return calls.length > 0 ? { ...command, calls } : command
}

// (SELECT 1) is a SELECT.
function verbOf(statement: Statement): string {
  const { sql } = statement
  const scanner = new Scanner(sql, undefined, statement.start, statement.end)
  while (scanner.next()) {
    if (scanner.kind === 'identifier') return upper(sql.slice(scanner.start, scanner.end))
    if (scanner.kind !== 'comment' && sql.charAt(scanner.start) !== '(') return ''
  }
  return ''
}

// Only ASCII letters are folded, as in PostgreSQL: JavaScript would read a Turkish dotless i as that of LISTEN.
function upper(word: string): string {
  return word.replace(/[a-z]+/g, letters => letters.toUpperCase())
}

const GRAMMARS: ReadonlyMap<string, (phrase: Phrase) => Command | undefined> = new Map([
  ['BEGIN', begin],
  ['START', start],
  ['COMMIT', commit],
  ['END', end],
  ['ROLLBACK', rollback],
  ['ABORT', abort],
  ['SAVEPOINT', savepoint],
  ['RELEASE', release],
  ['PREPARE', prepare],
  ['EXECUTE', execute],
  ['DEALLOCATE', deallocate],
  ['SET', set],
  ['RESET', reset],
  ['SHOW', show],
  ['DISCARD', discard],
  ['LISTEN', listen],
  ['UNLISTEN', unlisten],
  ['NOTIFY', notify],
  ['COPY', copy],
  ['DECLARE', declare],
])
