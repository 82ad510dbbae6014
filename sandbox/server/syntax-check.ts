/**
 * Parses a text on the server before the sandbox runs its statements separately: a server runs nothing of a text that
 * has a syntax error anywhere.
 */

import type { LexicalOptions } from '../../postgres/lexer/tokenizer.ts'
import type { ErrorFields } from '../protocol/backend-messages.ts'
import { bindAndExecute, parse, sync } from '../protocol/frontend-messages.ts'
import type { Script } from '../sql/script.ts'
import type { UtilityConnection } from './utility-connection.ts'

// SET LOCAL, so that it ends with the Sync and later checks use the default.
const readBackslashes = Buffer.concat([parse('', 'SET LOCAL standard_conforming_strings = off'), bindAndExecute('')])

export class SyntaxCheck {
  readonly #utility: UtilityConnection
  /** Texts that have passed the check. */
  readonly #sound = new WeakSet<Script>()

  constructor(utility: UtilityConnection) {
    this.#utility = utility
  }

  /**
   * The server's syntax error in the text, read with `options`; undefined if there is none. Rejects if the check cannot
   * run.
   */
  async faultOf(script: Script, options: LexicalOptions | undefined): Promise<ErrorFields | undefined> {
    const [first, second] = script.statements
    // A single statement needs no check: the server gets it unchanged.
    if (!first || !second || this.#sound.has(script)) return undefined
    const opening = options?.standardConformingStrings === false ? [readBackslashes] : []
    const { error } = await this.#utility.ask(Buffer.concat([...opening, parse('', first.sql), sync]))
    // Multiple commands in a Parse are refused only after the whole text was parsed, so this error means valid syntax.
    if (error && error.routine !== 'exec_parse_message') return error
    this.#sound.add(script)
    return undefined
  }
}
