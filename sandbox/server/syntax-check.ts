/**
 * Has the server parse a whole text before the sandbox runs it piece by piece: a server runs nothing of a text with a
 * syntax error in it, wherever that stands.
 */

import type { ErrorFields } from '../protocol/backend-messages.ts'
import { bindAndExecute, parse, sync } from '../protocol/frontend-messages.ts'
import type { LexicalOptions } from '../sql/lexer/tokenizer.ts'
import type { Script } from '../sql/script.ts'
import type { UtilityConnection } from './utility-connection.ts'

// It ends with the Sync: the connection that is asked reads strings as is usual.
const readBackslashes = Buffer.concat([parse('', 'SET LOCAL standard_conforming_strings = off'), bindAndExecute('')])

export class SyntaxCheck {
  readonly #utility: UtilityConnection
  /** Texts without a fault. */
  readonly #sound = new WeakSet<Script>()

  constructor(utility: UtilityConnection) {
    this.#utility = utility
  }

  /** The server's error, or undefined if it can parse the text, read as `options` say. Rejects if it cannot be asked. */
  async faultOf(script: Script, options: LexicalOptions | undefined): Promise<ErrorFields | undefined> {
    const [first, second] = script.statements
    // A single statement goes to the server as it is.
    if (!first || !second || this.#sound.has(script)) return undefined
    const opening = options?.standardConformingStrings === false ? [readBackslashes] : []
    const { error } = await this.#utility.ask(Buffer.concat([...opening, parse('', first.sql), sync]))
    // The parser has taken the whole text when what the server refuses is that there are several commands in it.
    if (error && error.routine !== 'exec_parse_message') return error
    this.#sound.add(script)
    return undefined
  }
}
