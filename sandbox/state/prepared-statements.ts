/** Keeps the prepared statements of one session under its own names, though sessions share a connection. */

import { createHash } from 'node:crypto'
import { errorResponse, readErrorFields } from '../protocol/backend-messages.ts'
import { SessionError } from '../protocol/pg-error.ts'
import type { Command } from '../sql/commands/command.ts'
import type { NamedStatement } from '../sql/commands/prepared-names.ts'
import type { Renamed } from '../sql/rename-statements.ts'

/** A prepared statement. `frame` is the message that prepares it under its name on the server. */
export type PreparedStatement = {
  /** The name on the connection; empty for the unnamed statement. */
  serverName: string
  frame: Buffer
  /** How many messages the server sends in response to the frame; 1 for a Parse. */
  answers?: number
  command: Command
  sql: string
  /** The text as the client has sent it, with comments before and after. */
  source: string
  /** The server's ParameterDescription, for an observer. */
  parameterTypes?: Buffer
  /** It reads statistics of the server. */
  readsStatistics: boolean
  /** The sandbox has answered its Parse itself; on the server, the name may belong to another statement. */
  isUnsent?: boolean
  /** The prepared statement that its text names, as EXECUTE does, and how the text was changed for that. */
  names?: NamedStatement | undefined
  renamed?: Renamed | undefined
}

/** Of a name, the server compares as many bytes. */
const longestName = 63

/** The part of a name that the server compares: two names that begin with the same one are equal. */
function comparedPart(name: string): string {
  if (name.length * 3 <= longestName) return name
  return Buffer.from(name).subarray(0, longestName).toString()
}

export class PreparedStatements {
  /** The prefix of the names on the connection. */
  readonly prefix: string
  readonly #statements = new Map<string, PreparedStatement>()
  /** Names of the session that are too long with the prefix, by what is in their place on the connection. */
  readonly #shortened = new Map<string, string>()

  constructor(sessionId: number) {
    this.prefix = `reprise_${sessionId}_`
  }

  /** The name on the connection for a name of the session. The server would cut a name that is too long. */
  serverName(name: string): string {
    if (name === '') return ''
    const whole = this.prefix + name
    if (Buffer.byteLength(whole) <= longestName) return whole
    const short = createHash('sha256').update(comparedPart(name)).digest('hex').slice(0, 32)
    this.#shortened.set(short, name)
    return this.prefix + short
  }

  /** Replaces names on the connection by the session's own in an ErrorResponse. */
  restoreNames(error: Buffer): Buffer {
    if (!error.includes(this.prefix)) return error
    const fields = readErrorFields(error)
    let message = fields.message.replaceAll(this.prefix, '')
    for (const [short, name] of this.#shortened) message = message.replaceAll(short, name)
    return errorResponse({ ...fields, message })
  }

  get(name: string): PreparedStatement | undefined {
    return this.#statements.get(comparedPart(name))
  }

  /** Throws the server's error, as a SessionError, if there is none. */
  find(name: string): PreparedStatement {
    const statement = this.get(name)
    if (statement) return statement
    const subject = name === '' ? 'unnamed prepared statement' : `prepared statement "${name}"`
    throw new SessionError('26000', `${subject} does not exist`)
  }

  /** What an EXECUTE executes, if the session has prepared it. */
  executedBy(command: Command): PreparedStatement | undefined {
    return command.kind === 'execute' ? this.get(command.name) : undefined
  }

  set(name: string, statement: PreparedStatement): void {
    this.#statements.set(comparedPart(name), statement)
  }

  delete(name: string): void {
    this.#statements.delete(comparedPart(name))
  }

  /** Removes all named statements; a server keeps the unnamed one. Returns a function that restores them. */
  clear(): () => void {
    const named = [...this.#statements].filter(([name]) => name !== '')
    for (const [name] of named) this.#statements.delete(name)
    return () => {
      for (const [name, statement] of named) this.#statements.set(name, statement)
    }
  }
}
