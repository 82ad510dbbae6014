/** The prepared statements of one session: by its own names, though many sessions share one connection. */

import { errorResponse, readErrorFields } from '../protocol/backend-messages.ts'
import { SessionError } from '../protocol/pg-error.ts'
import type { Command } from '../sql/commands/command.ts'
import type { NamedStatement } from '../sql/commands/prepared-names.ts'
import type { Renamed } from '../sql/rename-statements.ts'

/** A statement that a session has prepared. `frame` prepares it under the name that the server knows. */
export type PreparedStatement = {
  /** The name on the connection; empty for the unnamed statement. */
  serverName: string
  frame: Buffer
  /** How many messages of the server answer the frame; 1 for a Parse. */
  answers?: number
  command: Command
  sql: string
  /** It was answered here, so that the server may have another one by this name. */
  isUnsent?: boolean
  /** The prepared statement that it names itself, such as EXECUTE does, and how its text was changed for that. */
  names?: NamedStatement | undefined
  renamed?: Renamed | undefined
}

export class PreparedStatements {
  /** What the names on the connection begin with. */
  readonly prefix: string
  readonly #statements = new Map<string, PreparedStatement>()

  constructor(sessionId: number) {
    this.prefix = `reprise_${sessionId}_`
  }

  /** The name on the connection for a session's own name. */
  serverName(name: string): string {
    return name === '' ? '' : this.prefix + name
  }

  /** The server's error with the session's names for its statements. */
  restoreNames(error: Buffer): Buffer {
    if (!error.includes(this.prefix)) return error
    const fields = readErrorFields(error)
    return errorResponse({ ...fields, message: fields.message.replaceAll(this.prefix, '') })
  }

  get(name: string): PreparedStatement | undefined {
    return this.#statements.get(name)
  }

  /** Throws the SessionError of a server if there is none. */
  find(name: string): PreparedStatement {
    const statement = this.#statements.get(name)
    if (statement) return statement
    const subject = name === '' ? 'unnamed prepared statement' : `prepared statement "${name}"`
    throw new SessionError('26000', `${subject} does not exist`)
  }

  /** What an EXECUTE executes, if the session has prepared it. */
  executedBy(command: Command): PreparedStatement | undefined {
    return command.kind === 'execute' ? this.#statements.get(command.name) : undefined
  }

  set(name: string, statement: PreparedStatement): void {
    this.#statements.set(name, statement)
  }

  delete(name: string): void {
    this.#statements.delete(name)
  }

  /** Forgets all statements that have a name; a server keeps the one without. Returns what recalls them. */
  clear(): () => void {
    const named = [...this.#statements].filter(([name]) => name !== '')
    for (const [name] of named) this.#statements.delete(name)
    return () => {
      for (const [name, statement] of named) this.#statements.set(name, statement)
    }
  }
}
