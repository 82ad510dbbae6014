/**
 * Asks how far the server is: a cancel request must hit the session's statement, and never the savepoint that guards it. The
 * two travel in one write, and the savepoint's answer comes with the statement's; so the server is asked what it runs.
 */

import { query } from '../protocol/frontend-messages.ts'
import type { UtilityConnection } from '../server/utility-connection.ts'
import { literal } from '../sql/quote.ts'

export class GuardWatch {
  readonly #utility: UtilityConnection
  readonly #guards: string

  /** `guards`: the statements that must not be hit. */
  constructor(utility: UtilityConnection, guards: readonly string[]) {
    this.#utility = utility
    this.#guards = guards.map(literal).join(', ')
  }

  /** Whether the connection with this process id runs something else than a guard. Rejects if the server cannot be asked. */
  async isPast(processId: number): Promise<boolean> {
    const { rows } = await this.#utility.ask(
      query(`SELECT FROM pg_catalog.pg_stat_activity
WHERE pid = ${processId} AND state IN ('active', 'fastpath function call') AND query NOT IN (${this.#guards})`),
    )
    return rows.length > 0
  }
}
