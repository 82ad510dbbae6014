/** Renders settings as SQL: the statements that put them into force on a connection. */
import { identifier, literal } from '../../sql/quote.ts'
import {
  type AppliedSettings,
  characteristics,
  identities,
  isSame,
  type ParameterValue,
  type Setting,
  type Settings,
  withheldSettings,
} from './settings.ts'

/** The statements that put `wanted` into force on a connection that has `applied`, except withheld settings. */
export function statementsToApply(applied: AppliedSettings, wanted: Settings): string[] {
  const { known, isAnyUnknown } = valuesOf(applied)
  if (!isAnyUnknown) {
    const { resets, sets } = difference(known, wanted)
    return [...resets, ...sets]
  }
  // RESET ALL does not reset the role and the session user.
  const { resets, sets } = difference(new Map([...known].filter(([name]) => identities.includes(name))), wanted)
  return [...resets, 'RESET ALL', ...sets]
}

/** The statements that return the connection of a session with `settings` to its `start` settings, as DISCARD ALL does. */
export function statementsToReturn(settings: Settings, start: Settings): string[] {
  return statementsToApply({ settings, leftovers: [{ kind: 'unknown parameter' }] }, start)
}

/** The statement that sets the parameter for the session. */
export const setStatement = (setting: Setting): string =>
  setting.kind === 'statement' ? setting.sql : setConfig(setting, 'session')

/** The statement that sets the parameter until the end of the transaction. */
export const setLocalStatement = (value: ParameterValue): string => setConfig(value, 'transaction')

// Not SET, which would take a list such as that of search_path for one name.
const setConfig = ({ name, value }: ParameterValue, scope: 'session' | 'transaction'): string =>
  `SELECT pg_catalog.set_config(${literal(name)}, ${literal(value)}, ${scope === 'transaction'})`

function resetStatement(name: string): string {
  const parts = name.split('.')
  // An identifier would be truncated, and name another parameter. For set_config(), null means RESET.
  if (parts.some(part => Buffer.byteLength(part) > longestIdentifier)) {
    return `SELECT pg_catalog.set_config(${literal(name)}, NULL, false)`
  }
  return `RESET ${parts.map(identifier).join('.')}`
}

/** The parameters that a setting with this name consists of. */
const parametersOf = (name: string): string[] =>
  name === characteristics
    ? ['isolation', 'read_only', 'deferrable'].map(mode => `default_transaction_${mode}`)
    : [name]

/** In bytes. */
const longestIdentifier = 63

/** By parameter name; undefined for a leftover. */
type KnownValues = ReadonlyMap<string, Setting | undefined>

function valuesOf(applied: AppliedSettings): { known: KnownValues; isAnyUnknown: boolean } {
  if (!('leftovers' in applied)) return { known: applied, isAnyUnknown: false }
  const known = new Map<string, Setting | undefined>(applied.settings)
  for (const leftover of applied.leftovers) if (leftover.kind === 'parameter') known.set(leftover.name, undefined)
  return { known, isAnyUnknown: applied.leftovers.some(({ kind }) => kind === 'unknown parameter') }
}

function difference(applied: KnownValues, wanted: Settings): { resets: string[]; sets: string[] } {
  const toReset = [...applied.keys()].filter(name => !wanted.has(name) && !withheldSettings.has(name))
  const toSet = [...wanted].filter(([name, one]) => !isSame(applied.get(name), one) && !withheldSettings.has(name))
  if (toReset.length + toSet.length === 0) return { resets: [], sets: [] }
  // The role decides which parameters may be set: everything else changes as the sandbox's own user.
  const others = toSet.filter(([name]) => !identities.includes(name))
  const who = [...wanted].filter(([name]) => identities.includes(name))
  return {
    resets: [...identities.filter(name => applied.has(name)), ...toReset.filter(name => !identities.includes(name))]
      .flatMap(parametersOf)
      .map(resetStatement),
    sets: [...others, ...who].map(([, setting]) => setStatement(setting)),
  }
}
