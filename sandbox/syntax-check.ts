/**
 * Has the server parse a whole text before the sandbox runs it piece by piece: a server runs nothing of a text with a
 * syntax error in it, wherever that stands.
 */
import type { Aside } from './aside.ts'
import type { Script } from './sql/script.ts'
import type { ErrorFields } from './wire/backend.ts'
import { parse, sync } from './wire/frontend.ts'

export class SyntaxCheck {
  readonly #aside: Aside
  /** Texts without a fault. */
  readonly #sound = new WeakSet<Script>()

  constructor(aside: Aside) {
    this.#aside = aside
  }

  /** The server's error, or undefined if it can parse the text. Rejects if it cannot be asked. */
  async faultOf(script: Script): Promise<ErrorFields | undefined> {
    const [first, second] = script.statements
    // A single statement goes to the server as it is.
    if (!first || !second || this.#sound.has(script)) return undefined
    const { error } = await this.#aside.ask(Buffer.concat([parse('', first.sql), sync]))
    // The parser has taken the whole text when what the server refuses is that there are several commands in it.
    if (error && error.R !== 'exec_parse_message') return error
    this.#sound.add(script)
    return undefined
  }
}
