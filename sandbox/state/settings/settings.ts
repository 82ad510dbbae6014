/** The settings of a session, as records: each session of a shared connection has its own. */

/** A parameter's value, in the form in which set_config() takes it. */
export type ParameterValue = { readonly kind: 'value'; readonly name: string; readonly value: string }

/** A parameter's setting: a value, or the session's own SET, whose value only the server can read. */
export type Setting = ParameterValue | { readonly kind: 'statement'; readonly sql: string }

/** By parameter name (folded). Immutable, so that unchanged settings are the same object. */
export type Settings = ReadonlyMap<string, Setting>

/** The settings that a session starts with. */
export type StartSettings = ReadonlyMap<string, ParameterValue>

export const noSettings: StartSettings = new Map()

/** A parameter that still has a value which belongs to no session, such as that of a `SET LOCAL`. */
export type Leftover = { readonly kind: 'parameter'; readonly name: string } | { readonly kind: 'unknown parameter' }

/** The settings in force on a connection: those of a session, and leftovers of its transaction. */
export type AppliedSettings = Settings | { readonly settings: Settings; readonly leftovers: readonly Leftover[] }

/** The same settings with an unknown parameter among the leftovers. */
export function withUnknownParameters(applied: AppliedSettings): AppliedSettings {
  const { settings, leftovers } = 'leftovers' in applied ? applied : { settings: applied, leftovers: [] }
  return { settings, leftovers: [...leftovers, { kind: 'unknown parameter' }] }
}

/**
 * Settings that would end the shared connection, though only one session has set them. They are kept here, not sent. The
 * value is the first major version of the server that has the parameter.
 */
export const withheldSettings: ReadonlyMap<string, number> = new Map([
  ['exit_on_error', 10],
  ['idle_in_transaction_session_timeout', 10],
  ['idle_session_timeout', 14],
  ['transaction_timeout', 17],
])

/** The value of such a parameter on the connection. */
export const withheldDefault = (name: string): string => (name === 'exit_on_error' ? 'off' : '0')

/** The parameters of the current user. RESET ALL does not reset them. */
export const identities = ['role', 'session_authorization']

/** The name under which `SET SESSION CHARACTERISTICS` is kept. */
export const characteristics = 'session characteristics'

export const parameterValue = (name: string, value: string): ParameterValue => ({ kind: 'value', name, value })

/** Whether both have the same settings. */
export const areEqual = (one: Settings, other: Settings): boolean =>
  one === other || (one.size === other.size && [...one].every(([name, setting]) => isSame(setting, other.get(name))))

/** Whether two settings of one parameter are the same. */
export function isSame(one: Setting | undefined, other: Setting | undefined): boolean {
  if (one === other || one === undefined || other === undefined) return one === other
  if (one.kind === 'value') return other.kind === 'value' && one.value === other.value
  return other.kind === 'statement' && one.sql === other.sql
}
