/**
 * Prepares a session's statements on the server: at the client's Parse, and again where the server no longer has them.
 */

import type { SessionParts } from '../execution/session-parts.ts'
import { closeStatement } from '../protocol/frontend-messages.ts'
import type { Renamed } from '../sql/rename-statements.ts'
import type { PreparedStatement } from '../state/prepared-statements.ts'

export class ServerSidePrepare {
  readonly #parts: SessionParts

  constructor(parts: SessionParts) {
    this.#parts = parts
  }

  /**
   * Before a message that uses the statement: prepares it if another session or test has caused the server to lose it.
   */
  repeat(statement: PreparedStatement): void {
    const { session, route } = this.#parts
    const { upstream, unnamedOwner } = route.entered
    const isThere = statement.serverName === '' ? unnamedOwner === session : upstream.prepared.has(statement.serverName)
    if (!isThere || statement.isUnsent) this.ask(statement, true)
  }

  /** `hidden`: the client already has its response. `undo`: runs if the server refuses or skips the message. */
  ask(statement: PreparedStatement, hidden: boolean, undo?: (skipped: boolean) => void): void {
    const { session, pipeline } = this.#parts
    const lane = this.#parts.route.entered
    const { prepared } = lane.upstream
    const { serverName, frame, answers = 1, isUnsent = false } = statement
    statement.isUnsent = false
    if (serverName === '') {
      const { unnamedOwner } = lane
      lane.unnamedOwner = session
      pipeline.ask(
        frame,
        expecting(hidden, 1, statement.renamed, skipped => {
          lane.unnamedOwner = skipped ? unnamedOwner : undefined
          undo?.(skipped)
        }),
      )
      return
    }
    const wasThere = prepared.has(serverName)
    if (wasThere) pipeline.ask(closeStatement(serverName), { hidden: true })
    prepared.add(serverName)
    pipeline.ask(
      frame,
      expecting(hidden, answers, statement.renamed, skipped => {
        // If the Parse was skipped, so was the Close before it.
        if (!(skipped && wasThere)) prepared.delete(serverName)
        statement.isUnsent = isUnsent
        undo?.(skipped)
      }),
    )
  }
}

// Takes `undo` as an argument, which leaves it without a name: tsx would name a closure in an object literal each time
// that it is created, which takes a microsecond or more.
const expecting = (
  hidden: boolean,
  answers: number,
  renamed: Renamed | undefined,
  undo: (skipped: boolean) => void,
) => ({
  hidden,
  answers,
  renamed,
  undo,
})
