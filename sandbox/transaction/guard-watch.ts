/**
 * Determines what the server is running, so that a cancel request hits the session's statement and never the guard's
 * savepoint. Both are sent in one write and answered together, so only pg_stat_activity shows which of them runs.
 */

import { query } from '../protocol/frontend-messages.ts'
import type { UtilityConnection } from '../server/utility-connection.ts'
import { literal } from '../sql/quote.ts'

export class GuardWatch {
  readonly #utility: UtilityConnection
  readonly #guards: string

  /** `guards`: the statements that a cancel request must not hit. */
  constructor(utility: UtilityConnection, guards: readonly string[]) {
    this.#utility = utility
    this.#guards = guards.map(literal).join(', ')
  }

  /** Whether the backend with this process id runs something other than a guard. Rejects if the query fails. */
  async isPast(processId: number): Promise<boolean> {
    const { rows } = await this.#utility.ask(
      query(`SELECT FROM pg_catalog.pg_stat_activity
WHERE pid = ${processId} AND state IN ('active', 'fastpath function call') AND query NOT IN (${this.#guards})`),
    )
    return rows.length > 0
  }
}
