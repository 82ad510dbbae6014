/** Forgets a session's statements when it sends DEALLOCATE ALL or DISCARD ALL on a direct connection, unless that fails. */

import type { PreparedStatements } from './prepared-statements.ts'

export class DeallocateAll {
  readonly #statements: PreparedStatements
  #undo: (() => void) | undefined

  constructor(statements: PreparedStatements) {
    this.#statements = statements
  }

  /** The command was sent on the connection that has `prepared` these names. */
  sent(prepared: Set<string>): void {
    const names = [...prepared]
    const recall = this.#statements.clear()
    prepared.clear()
    const undo = this.#undo
    this.#undo = () => {
      undo?.()
      for (const name of names) prepared.add(name)
      recall()
    }
  }

  /** The server has done a command with this tag. */
  completed(tag: string): void {
    if (tag === 'DEALLOCATE ALL' || tag === 'DISCARD ALL') this.#undo = undefined
  }

  /** The server has refused the command, or something before it. */
  failed(): void {
    this.#undo?.()
    this.#undo = undefined
  }
}
