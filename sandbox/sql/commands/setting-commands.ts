// The grammar of SET, RESET and SHOW. The server checks values; only their presence is checked here.

import { fold } from '../../../postgres/lexer/names.ts'
import type { Command } from './command.ts'
import type { Phrase } from './phrase.ts'
import { takeModes } from './transaction-commands.ts'

/** SET [SESSION | LOCAL] ..., SET CONSTRAINTS ... */
export function set(phrase: Phrase): Command | undefined {
  if (assigns(phrase)) return assignment(phrase, 'session')
  if (phrase.take('constraints')) return constraints(phrase)
  // Both words may also be the name of a parameter.
  if (phrase.take('local')) return rest(phrase, 'local')
  if (phrase.sees(['session']) && !phrase.sees(['authorization'], 1)) {
    if (!isCharacteristics(phrase)) phrase.skip()
  }
  return rest(phrase, 'session')
}

/** RESET name | TIME ZONE | TRANSACTION ISOLATION LEVEL | SESSION AUTHORIZATION | ALL */
export function reset(phrase: Phrase): Command | undefined {
  const name = nameOrAll(phrase)
  return name !== undefined && phrase.done ? { kind: 'reset', name } : undefined
}

/** SHOW name | TIME ZONE | TRANSACTION ISOLATION LEVEL | SESSION AUTHORIZATION | ALL */
export function show(phrase: Phrase): Command | undefined {
  const name = nameOrAll(phrase)
  return name !== undefined && phrase.done ? { kind: 'show', name } : undefined
}

function rest(phrase: Phrase, scope: 'session' | 'local'): Command | undefined {
  if (assigns(phrase)) return assignment(phrase, scope)
  if (phrase.take('transaction')) return transaction(phrase)
  if (phrase.take('session', 'characteristics', 'as', 'transaction')) return characteristics(phrase)
  const [, name] = SPECIAL.find(([keywords]) => phrase.take(...keywords)) ?? []
  // Only SET NAMES may stand without a value: it resets.
  if (name === undefined || (phrase.done && name !== 'client_encoding')) return undefined
  return { kind: 'set', scope, name }
}

// Whether a name is next, followed by what no other form of SET has in this position.
function assigns(phrase: Phrase): boolean {
  return (
    phrase.sees(['to', 'from'], 1) || phrase.seesSign('=', 1) || phrase.seesSign('.', 1) || phrase.sees(['uescape'], 1)
  )
}

function assignment(phrase: Phrase, scope: 'session' | 'local'): Command | undefined {
  const name = settingName(phrase)
  if (name === undefined) return undefined
  const given = phrase.take('from') ? phrase.take('current') && phrase.done : assigned(phrase)
  if (!given) return undefined
  const modes = modesOf(name, phrase.rest)
  return modes === undefined ? { kind: 'set', scope, name } : { kind: 'set', scope, name, modes }
}

/** The modes of SET TRANSACTION that a value of a parameter stands for; undefined for another one, or DEFAULT. */
export function modesOf(name: string, value: string): string | undefined {
  const word = value.replace(/^e?'(.*)'$/is, '$1').toLowerCase()
  if (name === 'transaction_isolation') return LEVELS.has(word) ? `ISOLATION LEVEL ${word}` : undefined
  const [onTrue, onFalse] = SWITCHES.get(name) ?? []
  return TRUE.has(word) ? onTrue : FALSE.has(word) ? onFalse : undefined
}

const LEVELS = new Set(['serializable', 'repeatable read', 'read committed', 'read uncommitted'])
const SWITCHES: ReadonlyMap<string, readonly [onTrue: string, onFalse: string]> = new Map([
  ['transaction_read_only', ['READ ONLY', 'READ WRITE']],
  ['transaction_deferrable', ['DEFERRABLE', 'NOT DEFERRABLE']],
])
const TRUE = new Set(['on', 'true', 'yes', '1', 't', 'y'])
const FALSE = new Set(['off', 'false', 'no', '0', 'f', 'n'])

function assigned(phrase: Phrase): boolean {
  return (phrase.take('to') || phrase.takeSign('=')) && !phrase.done
}

function isCharacteristics(phrase: Phrase): boolean {
  return phrase.sees(['characteristics'], 1) && phrase.sees(['as'], 2)
}

function transaction(phrase: Phrase): Command | undefined {
  const modes = phrase.rest
  const valid = phrase.take('snapshot') ? phrase.takeString() && phrase.done : takeModes(phrase)
  return valid ? { kind: 'set transaction', modes } : undefined
}

function characteristics(phrase: Phrase): Command | undefined {
  const modes = phrase.rest
  return takeModes(phrase) ? { kind: 'set session characteristics', modes } : undefined
}

function constraints(phrase: Phrase): Command | undefined {
  const all = phrase.take('all')
  while (phrase.left > 1) phrase.skip()
  return phrase.take('deferred') || phrase.take('immediate') ? { kind: 'set constraints', all } : undefined
}

// name or extension.name, except `reserved`, which would be ambiguous. Case-insensitive, even in quotes.
function settingName(phrase: Phrase, reserved?: string): string | undefined {
  let name = phrase.takeName()
  while (name !== undefined && phrase.takeSign('.')) {
    const part = phrase.takeName()
    name = part === undefined ? undefined : `${name}.${part}`
  }
  const folded = name && fold(name)
  return folded === reserved ? undefined : folded
}

function nameOrAll(phrase: Phrase): string | undefined {
  return phrase.take('all') ? 'all' : (specialName(phrase) ?? settingName(phrase, 'all'))
}

function specialName(phrase: Phrase): string | undefined {
  if (phrase.take('time', 'zone')) return 'timezone'
  if (phrase.take('session', 'authorization')) return 'session_authorization'
  return phrase.take('transaction', 'isolation', 'level') ? 'transaction_isolation' : undefined
}

const SPECIAL: readonly (readonly [keywords: readonly string[], setting: string])[] = [
  [['time', 'zone'], 'timezone'],
  [['schema'], 'search_path'],
  [['names'], 'client_encoding'],
  [['role'], 'role'],
  [['session', 'authorization'], 'session_authorization'],
  [['xml', 'option'], 'xmloption'],
]
