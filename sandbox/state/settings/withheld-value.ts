/** Checks the values of settings that the sandbox enforces itself, since they would end the shared connection. */

import type { LexicalOptions } from '../../../postgres/lexer/tokenizer.ts'
import { Frontend } from '../../protocol/frontend-messages.ts'
import type { BlockSetting, Command } from '../../sql/commands/command.ts'
import { literal } from '../../sql/quote.ts'
import type { Run } from '../../sql/run-sql.ts'
import { parseScript } from '../../sql/script.ts'
import { withheldDefault, withheldSettings } from './settings.ts'

/** The parameter, of no effect, that a block sets in the place of a withheld one: its name has the same length. */
export const stoodInBy = (name: string): string => name.replace('_', '.')

/** The session that a message is sent for. */
interface Withholding {
  withholds(name: string): boolean
  readonly lexicalOptions: LexicalOptions | undefined
}

/**
 * A Query or Parse message whose blocks set parameters without an effect in the place of withheld ones, which would end the
 * shared connection before the block has ended. Values that may be wrong are left to the server.
 */
export function withStandIns(message: Buffer, commands: readonly Command[], session: Withholding): Buffer {
  // Each statement comes here.
  if (!commands.some(isBlock) || withheldIn(commands, session).length === 0) return message
  const start = message[0] === Frontend.Parse ? message.indexOf(0, 5) + 1 : 5
  // The message may have another text before the block than the script has. A character is a byte here, so that places are
  // those in the message.
  const sql = message.toString('latin1', start, message.indexOf(0, start))
  const replaced = Buffer.from(message)
  for (const { assignment } of withheldIn(parseScript(sql, session.lexicalOptions).commands, session)) {
    const [, name] = SAFE_ASSIGNMENT.exec(assignment?.text ?? '') ?? []
    if (assignment && name) replaced.write(stoodInBy(name), start + assignment.at, 'latin1')
  }
  return replaced
}

const isBlock = (command: Command) => command.kind === 'do'

/** What the blocks among the commands set of withheld parameters. */
function withheldIn(commands: readonly Command[], session: Withholding): BlockSetting[] {
  const settings = commands.flatMap(it => (it.kind === 'do' ? it.settings : []))
  return settings.filter(({ command }) => command.kind === 'set' && session.withholds(command.name))
}

/** Whether a SET, from its parameter's name on, sets `exit_on_error` to true. */
export const setsExitOnError = (assignment: string): boolean => SETS_EXIT_ON_ERROR.test(assignment)

const TO = /\s*(?:=|\bto\b)\s*'?\s*/.source
/** Times that are not too long. */
const SAFE = /\d{1,9} *(?:us|ms)?|\d{1,6} *s|\d{1,4} *min|\d\d? *h|\d *d/.source
const SAFE_ASSIGNMENT = new RegExp(
  `^(${[...withheldSettings.keys()].join('|')})${TO}(?:${SAFE}|on|off|true|false|yes|no)\\s*'?$`,
  'i',
)
const SETS_EXIT_ON_ERROR = new RegExp(`^exit_on_error${TO}(?:1|on|true|yes)\\b`, 'i')

/**
 * Has the server parse a value of a withheld setting, and returns it in the server's form, such as `1s` for 1000. Rejects
 * with the server's error. The value does not stay in force: the same statement resets it.
 */
export async function checkWithheld(name: string, value: string, run: Run): Promise<string> {
  const set = (to: string) => `pg_catalog.set_config(${literal(name)}, ${literal(to)}, true)`
  const [row] = await run(
    `SELECT ${set(value)}, pg_catalog.current_setting(${literal(name)}), ${set(withheldDefault(name))}`,
  )
  return row?.[1] ?? ''
}
