// The grammar of the commands for prepared statements, channels, cursors and caches of a session.

import type { Command } from './command.ts'
import type { Phrase } from './phrase.ts'

/** PREPARE name [(types)] AS ..., PREPARE TRANSACTION '...' */
export function prepare(phrase: Phrase): Command | undefined {
  // A statement may have the name "transaction".
  const name = phrase.takeName()
  if (name === undefined) return undefined
  if (phrase.takeString()) return name === 'transaction' && phrase.done ? { kind: 'prepare transaction' } : undefined
  phrase.skipParentheses()
  return phrase.take('as') && !phrase.done ? { kind: 'prepare', name } : undefined
}

/** EXECUTE name [(values)] */
export function execute(phrase: Phrase): Command | undefined {
  const name = phrase.takeName()
  return name !== undefined && (phrase.done || phrase.seesSign('(')) ? { kind: 'execute', name } : undefined
}

/** DEALLOCATE [PREPARE] name | ALL */
export function deallocate(phrase: Phrase): Command | undefined {
  if (phrase.left > 1) phrase.take('prepare')
  const name = phrase.take('all') ? null : phrase.takeName()
  return name !== undefined && phrase.done ? { kind: 'deallocate', name } : undefined
}

/** DISCARD ALL | PLANS | SEQUENCES | TEMP | TEMPORARY */
export function discard(phrase: Phrase): Command | undefined {
  const what = DISCARDED.find(word => phrase.take(word))
  if (what === undefined || !phrase.done) return undefined
  return { kind: 'discard', what: what === 'temporary' ? 'temp' : what }
}

/** LISTEN channel */
export function listen(phrase: Phrase): Command | undefined {
  const channel = phrase.takeName()
  return channel !== undefined && phrase.done ? { kind: 'listen', channel } : undefined
}

/** UNLISTEN channel | * */
export function unlisten(phrase: Phrase): Command | undefined {
  const channel = phrase.takeSign('*') ? null : phrase.takeName()
  return channel !== undefined && phrase.done ? { kind: 'unlisten', channel } : undefined
}

/** NOTIFY channel [, '...'] */
export function notify(phrase: Phrase): Command | undefined {
  const channel = phrase.takeName()
  const payload = phrase.takeSign(',') ? phrase.takeString() : "''"
  return channel !== undefined && payload && phrase.done ? { kind: 'notify', channel, payload } : undefined
}

/** DECLARE name [options] CURSOR [WITH | WITHOUT HOLD] FOR query */
export function declare(phrase: Phrase): Command | undefined {
  const name = phrase.takeName()
  while (CURSOR_OPTIONS.some(option => phrase.take(...option)));
  if (name === undefined || !phrase.take('cursor')) return undefined
  const hold = phrase.take('with', 'hold')
  phrase.take('without', 'hold')
  return phrase.take('for') && !phrase.done ? { kind: 'declare', name, hold } : undefined
}

const CURSOR_OPTIONS = [['no', 'scroll'], ['scroll'], ['binary'], ['asensitive'], ['insensitive']] as const

const DISCARDED = ['all', 'plans', 'sequences', 'temp', 'temporary'] as const
