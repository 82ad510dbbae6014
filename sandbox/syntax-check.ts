/**
 * Has the server parse a whole text before the sandbox runs it piece by piece: a server runs nothing of a text with a
 * syntax error in it, wherever that stands. It is asked on a connection of its own, where an error harms no transaction.
 */
import type { Script } from './sql/script.ts'
import type { Upstream } from './upstream.ts'
import type { ErrorFields } from './wire/backend.ts'
import { parse, sync } from './wire/frontend.ts'

export class SyntaxCheck {
  readonly #connect: () => Promise<Upstream>
  #upstream: Upstream | undefined
  #last: Promise<unknown> = Promise.resolve()
  /** Texts without a fault. */
  readonly #sound = new WeakSet<Script>()

  constructor(connect: () => Promise<Upstream>) {
    this.#connect = connect
  }

  /** The server's error, or undefined if it can parse the text. Rejects if it cannot be asked. */
  async faultOf(script: Script): Promise<ErrorFields | undefined> {
    const [first, second] = script.statements
    // A single statement goes to the server as it is.
    if (!first || !second || this.#sound.has(script)) return undefined
    const fault = await this.#ask(first.sql)
    if (!fault) this.#sound.add(script)
    return fault
  }

  /** Disconnects; the next question connects again. */
  async close(): Promise<void> {
    await this.#last
    await this.#upstream?.end()
    this.#upstream = undefined
  }

  #ask(sql: string): Promise<ErrorFields | undefined> {
    // One connection takes one question at a time.
    const answer = this.#last.then(() => this.#exchange(sql))
    this.#last = answer.catch(() => undefined)
    return answer
  }

  async #exchange(sql: string): Promise<ErrorFields | undefined> {
    if (!this.#upstream || this.#upstream.lost) this.#upstream = await this.#connect()
    const { error } = await this.#upstream.exchange(Buffer.concat([parse('', sql), sync]))
    // The parser has taken the whole text when what the server refuses is that there are several commands in it.
    return error?.R === 'exec_parse_message' ? undefined : error
  }
}
