/** Splits the text of a simple Query into the parts that the server runs and the commands that are intercepted. */

import type { Statement } from '../../postgres/lexer/statements.ts'
import type { SessionParts } from '../execution/session-parts.ts'
import type { Interceptor } from '../intercept/interceptor.ts'
import { commandComplete } from '../protocol/backend-messages.ts'
import { describeText, textRow } from '../protocol/data-rows.ts'
import { query, sync } from '../protocol/frontend-messages.ts'
import type { Renamed } from '../sql/rename-statements.ts'
import type { Script } from '../sql/script.ts'
import { withStandIns } from '../state/settings/withheld-value.ts'
import type { ClientResponses } from './client-responses.ts'

/** A range of statements that go to the server in one message, or one intercepted command. */
type Step = { from: number; to: number; isIntercepted: boolean }

/** The parts of a session that take part in a simple Query. */
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
  stepFrom({ commands, statements }: Script, from: number): Step {
    const { interceptor, route, context } = this.#parts
    for (let at = from; at < commands.length; at++) {
      const command = commands[at]
      const isIntercepted = command !== undefined && interceptor.intercepts(command)
      const isApart = command?.kind === 'advisory lock' && route.needsAdvisoryLock(command)
      if (!isIntercepted && !isApart) {
        // What follows may be checked by constraints that are not in force yet.
        const { constraints } = context.transaction
        if (constraints.areSet && constraints.mayDefine(statements[at]?.text ?? '')) {
          return { from, to: at + 1, isIntercepted: false }
        }
        continue
      }
      return at === from ? { from, to: from + 1, isIntercepted } : { from, to: at, isIntercepted: false }
    }
    return { from, to: commands.length, isIntercepted: false }
  }

  /** Answers an intercepted step. Rejects with a SessionError where a server would report an error. */
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
   * Replaces the names of prepared statements in the step by their names on the server, and prepares these statements
   * there. Undefined if the step names none. The preparation may fail.
   */
  async rename(script: Script, { from, to }: Step): Promise<Renamed | undefined> {
    const { pipeline, route, sqlStatements } = this.#parts
    const renamed = sqlStatements.inText(script, from, to, route.entered.upstream)
    if (renamed && sqlStatements.hasRun) route.follow(await pipeline.untilReady(sync))
    return renamed
  }

  /** The Query message for the step; `whole` is the client's own. */
  messageFor(
    { statements, commands }: Script,
    { from, to }: Step,
    whole: Buffer,
    renamed: Renamed | undefined,
  ): Buffer {
    const { context, state } = this.#parts
    const isPart = from > 0 || to < statements.length
    const message = isPart ? query(textOf(statements, from, to, renamed?.sql)) : renamed ? query(renamed.sql) : whole
    return context.mode === 'direct' ? message : withStandIns(message, commands, state)
  }
}

/** A part of the text after blanks, so that an error's position is its position in the client's text. */
function textOf(statements: readonly Statement[], from: number, to: number, renamed: string | undefined): string {
  const first = statements[from]
  const last = statements[to - 1]
  if (!first || !last) return ''
  const sql = renamed ?? first.sql
  const end = last.end + sql.length - first.sql.length
  return first.sql.slice(0, first.start).replace(/[^\n]/gu, ' ') + sql.slice(first.start, end)
}
