/** Checks the values of settings that the sandbox enforces itself, since they would end the shared connection. */

import type { Command } from '../../sql/commands/command.ts'
import { literal } from '../../sql/quote.ts'
import type { Run } from '../../sql/run-sql.ts'
import { withheldDefault, withheldSettings } from './settings.ts'

/** The parameter, of no effect, that a block sets in the place of a withheld one: its name has the same length. */
export const stoodInBy = (name: string): string => name.replace('_', '.')

/**
 * A Query or Parse message whose blocks set parameters without an effect in the place of withheld ones, which would end the
 * shared connection before the block has ended. Values that may be wrong are left to the server.
 */
export function withStandIns(
  message: Buffer,
  commands: readonly Command[],
  withholds: (name: string) => boolean,
): Buffer {
  const isWithheld = (command: Command) => command.kind === 'set' && withholds(command.name)
  const sets = commands.some(it => it.kind === 'do' && it.settings.some(({ command }) => isWithheld(command)))
  if (!sets) return message
  const replaced = message.toString('latin1').replace(SETS_WITHHELD, (whole, set: string, name: string) => {
    return withholds(name.toLowerCase()) ? set + stoodInBy(name) : whole
  })
  return Buffer.from(replaced, 'latin1')
}

/** Whether a block sets `exit_on_error` to true. */
export const setsExitOnError = (sql: string): boolean => SETS_EXIT_ON_ERROR.test(sql)

const SET = /\bset\s+(?:(?:session|local)\s+)?/.source
const TO = /\s*(?:=|\bto\b)\s*'{0,2}/.source
/** Times that are not too long. */
const SAFE = /\d{1,9} *(?:us|ms)?|\d{1,6} *s|\d{1,4} *min|\d\d? *h|\d *d/.source
const SETS_WITHHELD = new RegExp(
  `(${SET})(${[...withheldSettings.keys()].join('|')})(?=${TO}(?:${SAFE}|on|off|true|false|yes|no)\\s*[';])`,
  'gi',
)
const SETS_EXIT_ON_ERROR = new RegExp(`${SET}exit_on_error${TO}(?:1|on|true|yes)\\b`, 'i')

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
