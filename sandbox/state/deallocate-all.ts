/**
 * Follows DEALLOCATE ALL and DISCARD ALL on a dedicated connection: the session's prepared statements are removed when the
 * command is sent, and restored if it fails.
 */
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

  /** The server has completed a command with this command tag. */
  completed(tag: string): void {
    if (tag === 'DEALLOCATE ALL' || tag === 'DISCARD ALL') this.#undo = undefined
  }

  /** The server has reported an error for the command, or for one before it. */
  failed(): void {
    this.#undo?.()
    this.#undo = undefined
  }
}
