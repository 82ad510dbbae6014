/** The settings that a startup packet asks for: its own parameters, and those within its `options`. */
import { fatal, type SessionError } from '../protocol/pg-error.ts'
import { fold } from '../sql/lexer/names.ts'

/** Names (folded) and values in the order in which they are set: the last word counts, and every one is judged. */
export type RequestedSettings = readonly (readonly [name: string, value: string])[]

/** Throws a SessionError with the server's words for options that a server does not take. */
export function requestedSettings(parameters: ReadonlyMap<string, string>): RequestedSettings {
  const options = readSwitches(splitOptions(parameters.get('options') ?? ''))
  const others = [...parameters].filter(([name]) => !isNoSetting(name))
  return [...options, ...others].map(([name, value]) => [fold(name), value])
}

const isNoSetting = (name: string): boolean =>
  ['user', 'database', 'options', 'replication'].includes(name) || name.startsWith('_pq_.')

/** Cuts a command line at its blanks; a backslash makes the next character an ordinary one. */
function splitOptions(options: string): string[] {
  const words = options.match(/(?:\\.|[^\s\\])+/gs) ?? []
  return words.map(word => word.replace(/\\(.)/gs, '$1'))
}

/** What the switches of the `postgres` program set that stand for one setting. */
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
      // Letters without an argument may stand together.
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
