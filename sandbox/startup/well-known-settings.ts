/** Determines the defaults of a session without the server, for the settings that drivers send by themselves. */
import type { SessionDefaults } from '../state/session-defaults.ts'
import { noSettings, type ParameterValue, parameterValue } from '../state/settings/settings.ts'
import type { Login } from './role-check.ts'
import type { RequestedSettings } from './startup-options.ts'

/** For the sandbox's own user. Returns undefined if the server has to check the settings. */
export function wellKnownDefaults(
  { user, serverParameters }: Login,
  requested: RequestedSettings,
): SessionDefaults | undefined {
  if (requested.length === 0)
    return { user, mayBecomeAnyRole: true, settings: noSettings, parameters: serverParameters }
  const spellings = new Map([...serverParameters.keys()].map(name => [name.toLowerCase(), name]))
  const parameters = new Map(serverParameters)
  const settings = new Map<string, ParameterValue>()
  for (const [name, value] of requested) {
    const spelling = spellings.get(name) ?? name
    const holds = parameters.get(spelling)
    if (holds !== undefined && isSame(name, value, holds)) continue
    if (!plain.get(name)?.test(value)) return undefined
    if (holds !== undefined) parameters.set(spelling, value)
    settings.set(name, parameterValue(name, value))
  }
  return { user, mayBecomeAnyRole: true, settings: settings.size > 0 ? settings : noSettings, parameters }
}

/** Values that every server accepts, and reports unchanged. */
const plain: ReadonlyMap<string, RegExp> = new Map([
  // A server replaces other characters than ASCII, and truncates longer values.
  ['application_name', /^[\x20-\x7e]{0,63}$/],
  ['extra_float_digits', /^[0-3]$/],
  ['lock_timeout', /^\d{1,9}$/],
  ['search_path', /^[a-z_][a-z0-9_]{0,62}(, ?[a-z_][a-z0-9_]{0,62})*$/],
  ['statement_timeout', /^\d{1,9}$/],
  ['timezone', /^(UTC|GMT)$/],
])

function isSame(name: string, value: string, holds: string): boolean {
  if (value === holds) return true
  // JDBC and psycopg set ISO alone, which does not change the order of day and month.
  if (name === 'datestyle') return value === 'ISO' && holds.startsWith('ISO,')
  return name === 'client_encoding' && encodingName(value) === encodingName(holds)
}

// A server takes 'utf-8' for UTF8.
const encodingName = (name: string): string => name.toLowerCase().replace(/[^a-z0-9]/g, '')
