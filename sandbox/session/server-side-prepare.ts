/** Has the server prepare a session's statements: as the client asks for it, and again where the server has forgotten them. */

import type { SessionParts } from '../execution/session-parts.ts'
import { closeStatement } from '../protocol/frontend-messages.ts'
import type { Renamed } from '../sql/rename-statements.ts'
import type { PreparedStatement } from '../state/prepared-statements.ts'

export class ServerSidePrepare {
  readonly #parts: SessionParts

  constructor(parts: SessionParts) {
    this.#parts = parts
  }

  /** Before a message that names the statement, which another session or another test may have made the server forget. */
  repeat(statement: PreparedStatement): void {
    const { session, route } = this.#parts
    const { upstream, unnamedOwner } = route.entered
    const isThere = statement.serverName === '' ? unnamedOwner === session : upstream.prepared.has(statement.serverName)
    if (!isThere || statement.isUnsent) this.ask(statement, true)
  }

  /** `hidden`: the client has its answer already. `undo`: does what is to be done if the server refuses, or skips, the message. */
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

// A function without a name of its own: tsx sets that of each such function when it is made, which takes a microsecond or more.
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
