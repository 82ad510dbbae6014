/** Reads the settings of a startup packet: its parameters, and those in its `options`. */

import { fold } from '../../postgres/lexer/names.ts'
import { fatal, type SessionError } from '../protocol/pg-error.ts'

/** Names (folded) and values in the order in which they are set: the last one is in force, and each is checked. */
export type RequestedSettings = readonly (readonly [name: string, value: string])[]

/** Throws the server's error, as a SessionError, for options that a server rejects. */
export function requestedSettings(parameters: ReadonlyMap<string, string>): RequestedSettings {
  const options = readSwitches(splitOptions(parameters.get('options') ?? ''))
  const others = [...parameters].filter(([name]) => !isNoSetting(name))
  return [...options, ...others].map(([name, value]) => [fold(name), value])
}

const isNoSetting = (name: string): boolean =>
  ['user', 'database', 'options', 'replication'].includes(name) || name.startsWith('_pq_.')

/** Splits a command line at white space; a backslash escapes the next character. */
function splitOptions(options: string): string[] {
  const words = options.match(/(?:\\.|[^\s\\])+/gs) ?? []
  return words.map(word => word.replace(/\\(.)/gs, '$1'))
}

/** The switches of the `postgres` program that stand for one parameter. */
const switches = new Map<string, (argument: string) => [name: string, value: string]>([
  ['e', () => ['DateStyle', 'euro']],
  ['F', () => ['fsync', 'false']],
  ['O', () => ['allow_system_table_mods', 'true']],
  ['P', () => ['ignore_system_indexes', 'true']],
  ['S', argument => ['work_mem', argument]],
  ['s', () => ['log_statement_stats', 'true']],
])

const takeArguments = ['c', '-', 'S']

function* readSwitches(words: readonly string[]): Generator<[name: string, value: string]> {
  for (let at = 0; at < words.length; at++) {
    const word = words[at] ?? ''
    const letter = word.charAt(1)
    if (!word.startsWith('-') || word === '--' || !(takeArguments.includes(letter) || switches.has(letter))) {
      throw notTaken(word)
    }
    const argument = takeArguments.includes(letter) ? word.slice(2) || words[++at] : word.slice(2)
    if (argument === undefined) throw notTaken(word)
    const set = switches.get(letter)
    if (!set) yield assignment(letter, argument)
    else {
      yield set(argument)
      // Switches without an argument may be combined.
      if (!takeArguments.includes(letter) && argument) yield* readSwitches([`-${argument}`])
    }
  }
}

function assignment(letter: string, text: string): [name: string, value: string] {
  const equals = text.indexOf('=')
  if (equals === -1) {
    throw fatal('42601', `${letter === '-' ? '--' : '-c '}${text} requires a value`)
  }
  return [text.slice(0, equals).replaceAll('-', '_'), text.slice(equals + 1)]
}

const notTaken = (word: string): SessionError =>
  fatal('42601', `invalid command-line argument for server process: ${word}`, {
    hint: 'Try "postgres --help" for more information.',
  })
