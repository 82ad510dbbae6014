/** Divides the text of a simple Query into what the server runs in one message and what is answered here. */

import type { SessionParts } from '../execution/session-parts.ts'
import type { Interceptor } from '../intercept/interceptor.ts'
import { commandComplete } from '../protocol/backend-messages.ts'
import { describeText, textRow } from '../protocol/data-rows.ts'
import { query, sync } from '../protocol/frontend-messages.ts'
import type { Script } from '../sql/script.ts'
import type { ClientResponses } from './client-responses.ts'

/** A stretch of a text that goes to the server in one message, or one command that is answered here. */
type Step = { from: number; to: number; isIntercepted: boolean }

/** The parts of a session that have a share in it. */
interface Parts extends SessionParts {
  readonly interceptor: Interceptor
  readonly responses: ClientResponses
}

export class SimpleQuery {
  readonly #parts: Parts

  constructor(parts: Parts) {
    this.#parts = parts
  }

  /** The step that begins with this statement. */
  stepFrom({ commands }: Script, from: number): Step {
    const { interceptor, route } = this.#parts
    for (let at = from; at < commands.length; at++) {
      const command = commands[at]
      const isIntercepted = command !== undefined && interceptor.intercepts(command)
      if (!isIntercepted && !route.runsBeside(command)) continue
      return at === from ? { from, to: from + 1, isIntercepted } : { from, to: at, isIntercepted: false }
    }
    return { from, to: commands.length, isIntercepted: false }
  }

  /** Answers the step in the place of the server. Rejects with a SessionError where a server would refuse it. */
  async answer({ commands, statements }: Script, { from }: Step): Promise<void> {
    const { interceptor, responses } = this.#parts
    const command = commands[from]
    const statement = statements[from]
    if (!command || !statement) return
    const { tag, row } = await interceptor.answer(command, statement.text)
    if (row) {
      responses.add(describeText(row.column))
      responses.add(textRow(row.value))
    }
    responses.complete(commandComplete(tag))
  }

  /**
   * The Query that has the server run the step; `whole` is the one of the client. Undefined if what has to be done before
   * has failed.
   */
  async messageFor(script: Script, { from, to }: Step, whole: Buffer): Promise<Buffer | undefined> {
    const { state, pipeline, route, work, sqlStatements } = this.#parts
    for (let at = from; at < to; at++) {
      const command = script.commands[at]
      if (command && command.kind !== 'other') work.note(command, script.statements[at]?.text ?? '')
    }
    // A simple Query destroys the unnamed statement.
    route.entered.unnamedOwner = undefined
    const renamed = sqlStatements.inText(script, from, to, route.entered.upstream)
    if (renamed !== undefined && sqlStatements.hasRun) {
      route.follow(await pipeline.untilReady(sync))
      if (state.hasFailed) return undefined
    }
    if (from > 0 || to < script.statements.length) return query(textOf(script, from, to, renamed))
    return renamed === undefined ? whole : query(renamed)
  }
}

/** A part of the text behind blanks, so that the position in an error is a position in the client's text. */
function textOf({ statements }: Script, from: number, to: number, renamed: string | undefined): string {
  const first = statements[from]
  const last = statements[to - 1]
  if (!first || !last) return ''
  const sql = renamed ?? first.sql
  const end = last.end + sql.length - first.sql.length
  return first.sql.slice(0, first.start).replace(/[^\n]/gu, ' ') + sql.slice(first.start, end)
}
