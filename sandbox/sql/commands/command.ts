// What a statement commands, as far as a sandbox has to know it.

import type { SetConfigCall } from './set-config.ts'

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
