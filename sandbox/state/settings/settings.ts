/** What a session has set (`SET`, `RESET`): kept per session, so that sessions which share a connection do not share it. */

/** A parameter's value, in the form in which set_config() takes it. */
export type ParameterValue = { readonly kind: 'value'; readonly name: string; readonly value: string }

/** How a session has set a parameter: to a value that is known, or by a SET that only the server can read. */
export type Setting = ParameterValue | { readonly kind: 'statement'; readonly sql: string }

/** By the parameter's name (folded). Never changed in place, so that equal settings are the same object. */
export type Settings = ReadonlyMap<string, Setting>

/** What a session begins with. */
export type StartSettings = ReadonlyMap<string, ParameterValue>

export const noSettings: StartSettings = new Map()

/** A parameter that is left with a value which no session asked for, such as that of a `SET LOCAL`. */
export type Leftover = { readonly kind: 'parameter'; readonly name: string } | { readonly kind: 'unknown parameter' }

/** What holds on a connection: the settings of a session, and what its transaction has left behind besides. */
export type AppliedSettings = Settings | { readonly settings: Settings; readonly leftovers: readonly Leftover[] }

/** The same, and parameters of which the names are not known. */
export function withUnknownParameters(applied: AppliedSettings): AppliedSettings {
  const { settings, leftovers } = 'leftovers' in applied ? applied : { settings: applied, leftovers: [] }
  return { settings, leftovers: [...leftovers, { kind: 'unknown parameter' }] }
}

/**
 * Timeouts that would end the shared connection, though only one session asked for them. They are kept, not sent. Each with
 * the major version of the first server that knows it.
 */
export const withheldSettings: ReadonlyMap<string, number> = new Map([
  ['idle_in_transaction_session_timeout', 10],
  ['idle_session_timeout', 14],
  ['transaction_timeout', 17],
])

/** Settings that make the session another user. RESET ALL leaves them as they are. */
export const identities = ['role', 'session_authorization']

/** The name under which `SET SESSION CHARACTERISTICS` is kept. */
export const characteristics = 'session characteristics'

export const parameterValue = (name: string, value: string): ParameterValue => ({ kind: 'value', name, value })

/** Do the same settings hold with both? */
export const areEqual = (one: Settings, other: Settings): boolean =>
  one === other || (one.size === other.size && [...one].every(([name, setting]) => isSame(setting, other.get(name))))

/** Is a parameter set to the same, in the same way? Both are of one name. */
export function isSame(one: Setting | undefined, other: Setting | undefined): boolean {
  if (one === other || one === undefined || other === undefined) return one === other
  if (one.kind === 'value') return other.kind === 'value' && one.value === other.value
  return other.kind === 'statement' && one.sql === other.sql
}
