/** What a session has set (`SET`, `RESET`): kept per session, so that sessions which share a connection do not share it. */
import { literal } from '../../sql/quote.ts'
/** Setting name (folded) → the statement that sets it. Never changed in place, so that equal settings are the same object. */
export type Settings = ReadonlyMap<string, string>

export const noSettings: Settings = new Map()

/**
 * Timeouts that would end the shared connection, though only one session asked for them. They are kept, not sent. Each with
 * the major version of the first server that knows it.
 */
export const withheldSettings: ReadonlyMap<string, number> = new Map([
  ['idle_in_transaction_session_timeout', 10],
  ['idle_session_timeout', 14],
  ['transaction_timeout', 17],
])

/** Stands in `applied` for a value that a `SET LOCAL` left behind, which no session asked for. */
export const leftBehind = ''

/** Stands in `applied` for settings of which nobody knows the names. */
export const unknown = 'all'

/** The statements that turn a connection where `applied` holds into one where `wanted` holds, less those withheld. */
export function statementsToApply(applied: Settings, wanted: Settings): string[] {
  if (applied.has(unknown)) {
    // Who the session is, RESET ALL leaves as it is.
    const known = new Map([...applied].filter(([name]) => identities.includes(name)))
    const [resets, sets] = divide(statementsToApply(known, wanted), sql => sql.startsWith('RESET '))
    return [...resets, 'RESET ALL', ...sets]
  }
  const resets = [...applied.keys()].filter(name => !wanted.has(name) && !withheldSettings.has(name))
  const sets = [...wanted.keys()].filter(name => applied.get(name) !== wanted.get(name) && !withheldSettings.has(name))
  if (resets.length + sets.length === 0) return []
  // Who the session is decides what it may set: the connection is itself while anything else changes.
  return [
    ...identities.filter(name => applied.has(name)).map(resetStatement),
    ...resets.filter(name => !identities.includes(name)).map(resetStatement),
    ...sets.filter(name => !identities.includes(name)).map(name => wanted.get(name) ?? ''),
    ...[...wanted].filter(([name]) => identities.includes(name)).map(([, sql]) => sql),
  ]
}

function divide<T>(all: readonly T[], isFirst: (one: T) => boolean): [T[], T[]] {
  return [all.filter(isFirst), all.filter(one => !isFirst(one))]
}

/** Settings that make the session another user. RESET ALL leaves them as they are. */
export const identities = ['role', 'session_authorization']

/** The name under which `SET SESSION CHARACTERISTICS` is kept. */
export const characteristics = 'session characteristics'

function resetStatement(name: string): string {
  if (name !== characteristics) return `RESET ${name}`
  return 'RESET default_transaction_isolation; RESET default_transaction_read_only; RESET default_transaction_deferrable'
}

/** Do the same settings hold with both? */
export const areEqual = (one: Settings, other: Settings): boolean =>
  one === other || (one.size === other.size && [...one].every(([name, sql]) => other.get(name) === sql))

/** The statement that sets it for the session. Not SET, which would take a list such as that of search_path for one name. */
export const setTo = (name: string, value: string): string =>
  `SELECT set_config(${literal(name)}, ${literal(value)}, false)`

/** What `setTo` sets, for the transaction only. */
export const forTransaction = (statement: string): string => statement.replace(/false\)$/, 'true)')

/** The value that `setTo` was given, where it is a plain word. */
export const valueSetBy = (statement: string): string => /E'([^']*)', \w+\)$/.exec(statement)?.[1] ?? ''

/** The statements that make the connection of a session with `settings` one where only its `start` holds, as DISCARD ALL does. */
export function statementsToReturn(settings: Settings, start: Settings): string[] {
  const own = [...settings].filter(([name]) => identities.includes(name))
  return statementsToApply(new Map([[unknown, leftBehind], ...own]), start)
}
