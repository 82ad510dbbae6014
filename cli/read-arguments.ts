/** Parses the arguments of a command, and rejects unknown ones. */
import { type ParseArgsConfig, parseArgs } from 'node:util'
import { suggestion } from '../monitor/config/nearest.ts'

type Options = NonNullable<ParseArgsConfig['options']>

/** Throws one sentence with the wrong argument and the remedy. */
export function readArguments<O extends Options>(
  command: string,
  args: readonly string[],
  options: O,
): ReturnType<typeof parseArgs<{ options: O; allowPositionals: true }>> {
  const names = Object.keys(options).map(name => `--${name}`)
  const { tokens } = parseArgs({ args: [...args], options, strict: false, tokens: true })
  for (const token of tokens) {
    if (token.kind !== 'option') continue
    const option = options[token.name]
    if (!option) throw new Error(`${command} has no option ${token.rawName}; ${suggestion(`--${token.name}`, names)}`)
    if (option.type === 'string' && (!token.value || token.value.startsWith('-'))) {
      throw new Error(`${token.rawName} of ${command} needs a value; see --help.`)
    }
    if (option.type === 'boolean' && token.value !== undefined) {
      throw new Error(`${token.rawName} of ${command} takes no value, but got ${JSON.stringify(token.value)}.`)
    }
  }
  return parseArgs({ args: [...args], options, allowPositionals: true })
}
