// What a statement commands, as far as a sandbox has to know it.

import { isAdvisoryLock } from './advisory-lock.ts'
import { copy } from './copy-command.ts'
import { Phrase } from './phrase.ts'
import { deallocate, declare, discard, execute, listen, notify, prepare, unlisten } from './session-commands.ts'
import { type SetConfigCall, setConfigCalls } from './set-config.ts'
import { reset, set, show } from './setting-commands.ts'
import type { Statement } from './statements.ts'
import { Scanner } from './tokenizer.ts'
import { abort, begin, commit, end, release, rollback, savepoint, start } from './transaction-commands.ts'

/**
 * A control statement in its parts, or any `other` one by its first keyword in upper case ('' if it begins with none).
 * What is malformed is `other` too: the server shall report it in its own words. Names are as the server keeps them:
 * folded, unquoted, at most 63 bytes.
 */
export type Command =
  /** `modes` as written, for instance `ISOLATION LEVEL SERIALIZABLE, READ ONLY`; '' for none. */
  | { readonly kind: 'begin'; readonly modes: string }
  | { readonly kind: 'commit' | 'rollback'; readonly chain: boolean }
  | { readonly kind: 'savepoint' | 'release' | 'rollback to'; readonly name: string }
  | { readonly kind: 'prepare transaction' | 'commit prepared' | 'rollback prepared' }
  /** `name` of the setting, also behind a spelling of its own: `SET TIME ZONE` sets `timezone`. */
  | { readonly kind: 'set'; readonly scope: 'session' | 'local'; readonly name: string }
  /** `modes` may also be `SNAPSHOT '...'`. */
  | { readonly kind: 'set transaction' | 'set session characteristics'; readonly modes: string }
  | { readonly kind: 'set constraints' }
  /** `name` is `all` for RESET ALL and SHOW ALL. */
  | { readonly kind: 'reset' | 'show'; readonly name: string }
  | { readonly kind: 'discard'; readonly what: 'all' | 'plans' | 'sequences' | 'temp' }
  /** `name` is null for DEALLOCATE ALL. */
  | { readonly kind: 'deallocate'; readonly name: string | null }
  | { readonly kind: 'prepare' | 'execute'; readonly name: string }
  | { readonly kind: 'listen'; readonly channel: string }
  /** `payload` is a string constant as written. */
  | { readonly kind: 'notify'; readonly channel: string; readonly payload: string }
  /** `channel` is null for UNLISTEN *. */
  | { readonly kind: 'unlisten'; readonly channel: string | null }
  /** A cursor; with `hold` it outlives its transaction. */
  | { readonly kind: 'declare'; readonly name: string; readonly hold: boolean }
  /** A SELECT that only takes or gives back advisory locks. */
  | { readonly kind: 'advisory lock' }
  /** Any other statement that calls set_config(). */
  | { readonly kind: 'set config'; readonly calls: readonly SetConfigCall[] }
  /** `in` from the client, `out` to the client, `other` from or to a file or program of the server. */
  | { readonly kind: 'copy'; readonly direction: 'in' | 'out' | 'other' }
  | { readonly kind: 'other'; readonly verb: string }

/** Reads the command. Decides by the first keyword; only control statements are cut into tokens. */
export function commandOf(statement: Statement): Command {
  const verb = verbOf(statement)
  const grammar = GRAMMARS.get(verb)
  if (grammar) {
    const phrase = new Phrase(statement)
    phrase.skip()
    const command = grammar(phrase)
    if (command) return command
  }
  if (isAdvisoryLock(statement)) return { kind: 'advisory lock' }
  const calls = setConfigCalls(statement)
  return calls.length > 0 ? { kind: 'set config', calls } : { kind: 'other', verb }
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

// Only ASCII's letters, as in PostgreSQL: to JavaScript, a Turkish dotless i would make a LISTEN.
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
