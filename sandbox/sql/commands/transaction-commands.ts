// The grammar of the commands for transactions and savepoints.

import type { Command } from './command.ts'
import type { Phrase } from './phrase.ts'

/** BEGIN [WORK | TRANSACTION] [modes] */
export function begin(phrase: Phrase): Command | undefined {
  noise(phrase)
  const modes = phrase.rest
  return modes === '' || takeModes(phrase) ? { kind: 'begin', modes } : undefined
}

/** START TRANSACTION [modes] */
export function start(phrase: Phrase): Command | undefined {
  if (!phrase.take('transaction')) return undefined
  const modes = phrase.rest
  return modes === '' || takeModes(phrase) ? { kind: 'begin', modes } : undefined
}

/** COMMIT [WORK | TRANSACTION] [AND [NO] CHAIN], COMMIT PREPARED '...' */
export function commit(phrase: Phrase): Command | undefined {
  return phrase.take('prepared') ? prepared(phrase, 'commit prepared') : end(phrase)
}

/** END [WORK | TRANSACTION] [AND [NO] CHAIN] */
export function end(phrase: Phrase): Command | undefined {
  noise(phrase)
  return ending(phrase, 'commit')
}

/** ROLLBACK [WORK | TRANSACTION] [AND [NO] CHAIN | TO [SAVEPOINT] name], ROLLBACK PREPARED '...' */
export function rollback(phrase: Phrase): Command | undefined {
  if (phrase.take('prepared')) return prepared(phrase, 'rollback prepared')
  noise(phrase)
  return phrase.take('to') ? savepointNamed(phrase, 'rollback to') : ending(phrase, 'rollback')
}

/** ABORT [WORK | TRANSACTION] [AND [NO] CHAIN] */
export function abort(phrase: Phrase): Command | undefined {
  noise(phrase)
  return ending(phrase, 'rollback')
}

/** SAVEPOINT name */
export function savepoint(phrase: Phrase): Command | undefined {
  return named(phrase, 'savepoint')
}

/** RELEASE [SAVEPOINT] name */
export function release(phrase: Phrase): Command | undefined {
  return savepointNamed(phrase, 'release')
}

/** Takes one or more transaction modes, optionally separated by commas, up to the end of the statement. */
export function takeModes(phrase: Phrase): boolean {
  do {
    if (!MODES.some(mode => phrase.take(...mode))) return false
    if (phrase.done) return true
    phrase.takeSign(',')
  } while (!phrase.done)
  return false
}

function prepared(phrase: Phrase, kind: 'commit prepared' | 'rollback prepared'): Command | undefined {
  return phrase.takeString() && phrase.done ? { kind } : undefined
}

function ending(phrase: Phrase, kind: 'commit' | 'rollback'): Command | undefined {
  if (phrase.done) return { kind, chain: false }
  const chain = phrase.take('and', 'chain')
  return (chain || phrase.take('and', 'no', 'chain')) && phrase.done ? { kind, chain } : undefined
}

// RELEASE savepoint is the one whose name is "savepoint".
function savepointNamed(phrase: Phrase, kind: 'release' | 'rollback to'): Command | undefined {
  if (phrase.left > 1) phrase.take('savepoint')
  return named(phrase, kind)
}

function named(phrase: Phrase, kind: 'savepoint' | 'release' | 'rollback to'): Command | undefined {
  const name = phrase.takeName()
  return name !== undefined && phrase.done ? { kind, name } : undefined
}

function noise(phrase: Phrase): void {
  if (!phrase.take('work')) phrase.take('transaction')
}

const MODES: readonly (readonly string[])[] = [
  ['isolation', 'level', 'read', 'uncommitted'],
  ['isolation', 'level', 'read', 'committed'],
  ['isolation', 'level', 'repeatable', 'read'],
  ['isolation', 'level', 'serializable'],
  ['read', 'only'],
  ['read', 'write'],
  ['deferrable'],
  ['not', 'deferrable'],
]
