// Finds the commands in a DO block that set a parameter, which the server runs without a message of its own.

import { type Statement, splitStatements } from '../../../postgres/lexer/statements.ts'
import type { BlockSetting } from './command.ts'
import { Phrase } from './phrase.ts'
import { reset, set } from './setting-commands.ts'

/** The SETs and RESETs in the text of a block, as statements and in constants for EXECUTE; some may not be reached. */
export function settingsOfBlock({ text }: Statement): BlockSetting[] {
  // Its quotation marks are doubled.
  const hasMarks = /^do\s+(?:language\s+\S+\s+)?(?:e|u&)?'/i.test(text)
  return [...text.matchAll(SETTING)].flatMap(found => {
    const [whole, constant, sql = constant ?? ''] = found
    const isWhole = constant === undefined || ENDS_CONSTANT.test(text.slice(found.index + whole.length))
    const isSet = /^set/i.test(sql)
    // The value may be appended to the constant.
    const [statement] = splitStatements(isSet && constant !== undefined ? `${sql} x` : sql)
    if (!statement) return []
    const phrase = new Phrase(statement)
    phrase.skip()
    const command = isSet ? set(phrase) : reset(phrase)
    if (command?.kind === 'set' || command?.kind === 'reset') {
      return [isWhole && !hasMarks && !/[%$]/.test(sql) ? { command, sql: sql.trimEnd() } : { command }]
    }
    if (command?.kind === 'set transaction') return [{ command }]
    if (command?.kind === 'set session characteristics') return CHARACTERISTICS
    return !command && SETS_GIVEN_NAME.test(sql) ? [unknownParameter] : []
  })
}

/** The name is appended to the constant, or it is one for format(). */
const SETS_GIVEN_NAME = /^(?:re)?set\s+(?:(?:session|local)\s+)?(?:%|$)/i
const CHARACTERISTICS: BlockSetting[] = ['isolation', 'read_only', 'deferrable'].map(mode => ({
  command: { kind: 'set', scope: 'session', name: `default_transaction_${mode}` },
}))
const unknownParameter: BlockSetting = {
  command: { kind: 'set config', calls: [{ name: undefined, local: undefined }] },
}

/** Not with another quotation mark, nor with `||`. */
const ENDS_CONSTANT = /^'(?!\s*(?:'|\|\|))/

/** Where a statement begins, maybe behind comments. The SET of an UPDATE stands elsewhere. */
const SETTING =
  /'\s*((?:re)?set\s[^;']*)|(?:[;$]|>>|\b(?:begin|then|else|loop)\b)(?:\s|--[^\n]*\n|\/\*(?:[^*]|\*(?!\/))*\*\/)*((?:re)?set\s[^;]*)/gi
