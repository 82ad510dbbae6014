/** The settings that a startup packet asks for: its own parameters, and those within its `options`. */
import { fatal, type SessionError } from './session-error.ts'

/** Names (folded) and values, the last word last. */
export type RequestedSettings = ReadonlyMap<string, string>

/** Throws a SessionError with the server's words for options that a server does not take. */
export function requestedSettings(parameters: ReadonlyMap<string, string>): RequestedSettings {
  const requested = new Map<string, string>()
  const request = (name: string, value: string) => {
    const folded = name.toLowerCase()
    requested.delete(folded)
    requested.set(folded, value)
  }
  // As on a server, a parameter of its own counts more than an option.
  for (const [name, value] of readSwitches(splitOptions(parameters.get('options') ?? ''))) request(name, value)
  for (const [name, value] of parameters) if (!isNoSetting(name)) request(name, value)
  return requested
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
