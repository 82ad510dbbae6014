// Finds the commands in a DO block that set a parameter, which the server runs without a message of its own.

import { type Statement, splitStatements } from '../../../postgres/lexer/statements.ts'
import type { Command } from './command.ts'
import { Phrase } from './phrase.ts'
import { reset, set } from './setting-commands.ts'

/** The SETs and RESETs in the text of a block, as statements and in constants for EXECUTE; some may not be reached. */
export function settingsOfBlock({ text }: Statement): Command[] {
  return [...text.matchAll(SETTING)].flatMap(([, constant, sql = constant ?? '']) => {
    const isSet = /^set/i.test(sql)
    // The value may be appended to the constant.
    const [statement] = splitStatements(isSet && constant !== undefined ? `${sql} x` : sql)
    if (!statement) return []
    const phrase = new Phrase(statement)
    phrase.skip()
    const command = isSet ? set(phrase) : reset(phrase)
    return command?.kind === 'set' || command?.kind === 'reset' ? [command] : []
  })
}

/** Where a statement begins. The SET of an UPDATE stands elsewhere. */
const SETTING = /'\s*((?:re)?set\s[^;']*)|(?:[;$]|>>|\b(?:begin|then|else|loop))\s*((?:re)?set\s[^;]*)/gi
