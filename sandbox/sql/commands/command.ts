// The commands that a sandbox distinguishes.

import type { SetConfigCall } from './set-config.ts'

/**
 * A control statement in its parts, or any `other` one by its first keyword in upper case ('' if it begins with none).
 * A malformed statement is `other` too, and the server reports its error. Names are as the server stores them: folded,
 * unquoted, at most 63 bytes.
 */
export type Command =
  /** `modes` as written, for instance `ISOLATION LEVEL SERIALIZABLE, READ ONLY`; '' for none. */
  | { readonly kind: 'begin'; readonly modes: string }
  | { readonly kind: 'commit' | 'rollback'; readonly chain: boolean }
  | { readonly kind: 'savepoint' | 'release' | 'rollback to'; readonly name: string }
  | { readonly kind: 'prepare transaction' | 'commit prepared' | 'rollback prepared' }
  /**
   * `name` of the parameter, also for special forms: `SET TIME ZONE` sets `timezone`. `modes` are those of the SET TRANSACTION
   * that does the same, as for `SET transaction_isolation = serializable`.
   */
  | { readonly kind: 'set'; readonly scope: 'session' | 'local'; readonly name: string; readonly modes?: string }
  /** `modes` may also be `SNAPSHOT '...'`. */
  | { readonly kind: 'set transaction' | 'set session characteristics'; readonly modes: string }
  /** `all` constraints, or those with certain names. */
  | { readonly kind: 'set constraints'; readonly all: boolean }
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
  /** A cursor; with `hold` it outlives its transaction. `calls`: in its query. */
  | {
      readonly kind: 'declare'
      readonly name: string
      readonly hold: boolean
      readonly calls?: readonly SetConfigCall[]
    }
  /** A SELECT that only acquires or releases advisory locks. */
  | { readonly kind: 'advisory lock' }
  /** Any other statement that calls set_config(). */
  | { readonly kind: 'set config'; readonly calls: readonly SetConfigCall[] }
  /** A DO block that runs commands that set parameters. */
  | { readonly kind: 'do'; readonly settings: readonly BlockSetting[] }
  /** `in` from the client, `out` to the client, `other` from or to a file or program of the server. `calls`: in its query. */
  | {
      readonly kind: 'copy'
      readonly direction: 'in' | 'out' | 'other'
      readonly calls?: readonly SetConfigCall[]
    }
  | { readonly kind: 'other'; readonly verb: string }

/** A command in a block. */
export interface BlockSetting {
  readonly command: Command
  /** Its text, if that is complete and without comments: a constant for EXECUTE may be a part of it. */
  readonly sql?: string | undefined
  /** Of a SET: its text from the parameter's name on, with blanks in the place of escapes, and where that begins in the script. */
  readonly assignment?: { readonly at: number; readonly text: string }
}

/** The calls of set_config() that the statement itself has. */
export function callsIn(command: Command): readonly SetConfigCall[] {
  const { kind } = command
  return (kind === 'set config' || kind === 'copy' || kind === 'declare' ? command.calls : undefined) ?? []
}
