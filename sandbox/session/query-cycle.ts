/** Runs one request of a client: a Query, a FunctionCall, or a batch with its Sync, up to ReadyForQuery. */

import type { SessionParts } from '../execution/session-parts.ts'
import type { Interceptor } from '../intercept/interceptor.ts'
import { emptyQueryResponse, noticeResponse } from '../protocol/backend-messages.ts'
import { MalformedMessage, readString } from '../protocol/frames.ts'
import { type ClientFrame, Frontend, sync } from '../protocol/frontend-messages.ts'
import { SessionError } from '../protocol/pg-error.ts'
import type { Run } from '../sql/run-sql.ts'
import type { Script } from '../sql/script.ts'
import type { SessionTimeouts } from '../state/session-timeouts.ts'
import type { ClientResponses } from './client-responses.ts'
import type { CopyIn } from './copy-in.ts'
import type { ExtendedQuery } from './extended-query.ts'
import { SimpleQuery } from './simple-query.ts'

/** The parts of a session that take part in a request. */
interface Parts extends SessionParts {
  readonly interceptor: Interceptor
  readonly extended: ExtendedQuery
  readonly copy: CopyIn
  readonly responses: ClientResponses
  readonly timeouts: SessionTimeouts
}

/** The savepoint around queries of the sandbox in an open transaction. A savepoint of the same name is only hidden. */
const asking = 'reprise_asking'

export class QueryCycle {
  readonly #parts: Parts
  readonly #simple: SimpleQuery

  constructor(parts: Parts) {
    this.#parts = parts
    this.#simple = new SimpleQuery(parts)
  }

  /** Runs the steps of a request. `frame` is a Query, a FunctionCall, or a Sync after a batch that has been sent. */
  async run({ type, bytes }: ClientFrame): Promise<void> {
    const { session, context, state, pipeline, route, work, interceptor, extended, copy, responses, timeouts } =
      this.#parts
    try {
      if (type === Frontend.Sync) {
        // The messages before it were intercepted, routed and sent one by one.
        extended.closePortals()
        if (pipeline.inExtendedQuery) route.follow(await pipeline.untilReady(sync))
      } else if (type === Frontend.FunctionCall) {
        await route.enter()
        route.follow(await pipeline.untilReady(bytes))
      } else {
        const script = this.#read(bytes)
        const { statements, commands } = script
        interceptor.neighbours = statements.length === 1 ? 'none' : 'text'
        responses.isSimpleQuery = true
        if (statements.length === 0) responses.add(emptyQueryResponse)
        for (let at = 0; at < statements.length && !state.hasFailed; ) {
          // Whether a command is intercepted depends on the commands before it.
          const step = this.#simple.stepFrom(script, at)
          const command = commands[at]
          if (at === 0 && step.to < statements.length) {
            const fault = await context.syntax.faultOf(script, state.lexicalOptions)
            if (fault) throw SessionError.from(fault)
          }
          at = step.to
          // Intercept: the sandbox answers the command in place of the server.
          if (step.isIntercepted) {
            await this.#simple.answer(script, step)
            continue
          }
          const warning = command && interceptor.warningFor(command)
          if (warning) responses.add(noticeResponse(warning))
          // Route and guard: the connection lock, the session's settings and a savepoint, or a dedicated connection.
          const entering = route.enter(command)
          if (entering) await entering
          // Execute. A simple Query destroys the unnamed statement.
          route.entered.unnamedOwner = undefined
          context.transaction.constraints.given(session.lastStatement)
          for (let i = step.from; i < step.to; i++) {
            const sent = commands[i]
            if (sent && sent.kind !== 'other') work.note(sent, statements[i]?.text ?? '')
            else work.noteExecute(script.names[i])
          }
          if (script.mentionsStatistics || context.transaction.mayReadStatistics) work.refreshStatistics()
          const renamed = script.names.some(Boolean) ? await this.#simple.rename(script, step) : undefined
          if (state.hasFailed) break
          const message = this.#simple.messageFor(script, step, bytes, renamed)
          route.follow(await pipeline.untilReady(message, renamed))
          if (at < statements.length) await work.restateConstraints()
        }
      }
    } catch (error) {
      await this.refuse(error)
    }
    if (copy.isUnderWay) copy.finished()
    // End the unit of work: outside a transaction, commit or undo it and release the lock.
    try {
      const settling = work.settle()
      if (settling) await settling
    } catch (error) {
      responses.withdraw()
      if (!(error instanceof SessionError) || error.fields.severity === 'FATAL') throw error
      responses.refused(error)
    }
    const status = work.finish()
    responses.isSimpleQuery = false
    // Report notifications of other sessions, and changed parameters.
    if (status === 'I') responses.addNotifications()
    for (const report of state.reportedParameters.take(status === 'I')) responses.add(report)
    // Ready.
    responses.ready(status)
    context.observer?.ready?.(session)
    session.causes?.shift()
    interceptor.neighbours = 'none'
    extended.finish()
    timeouts.markIdle()
  }

  /**
   * Reports an error of the sandbox where a server would: after the responses to earlier messages. Rejects with any
   * other error.
   */
  async refuse(error: unknown): Promise<void> {
    const refusal = error instanceof MalformedMessage ? new SessionError('08P01', error.message) : error
    if (!(refusal instanceof SessionError) || refusal.fields.severity === 'FATAL') throw error
    const { pipeline, extended, responses, route } = this.#parts
    if (pipeline.inExtendedQuery) await pipeline.untilAnswered()
    // An earlier message has failed on the server, which would have discarded this one.
    if (extended.isSkipping) return
    responses.refused(refusal)
    extended.failed()
    await this.#failTransaction()
    route.markIdle()
  }

  /**
   * Runs queries of the sandbox for the session in the shared transaction, then undoes them. Undefined in other modes.
   */
  async askInTransaction<T>(ask: (run: Run) => Promise<T>): Promise<T | undefined> {
    const { context, pipeline, state, route, work } = this.#parts
    if (context.mode !== 'transaction') return undefined
    await route.enter()
    await pipeline.untilAnswered()
    try {
      return await ask(sql => route.run(sql))
    } finally {
      state.hasFailed = true
      await work.settle()
      work.finish()
    }
  }

  /**
   * Runs queries of the sandbox inside the session's open transaction, then undoes what they have set. The session goes on
   * where it was.
   */
  async askInside<T>(ask: (run: Run) => Promise<T>): Promise<T> {
    const { session, route } = this.#parts
    await route.enter()
    await route.run(`SAVEPOINT ${asking}`)
    try {
      return await ask(sql => route.run(sql))
    } finally {
      if (!session.hasEnded) await route.run(`ROLLBACK TO SAVEPOINT ${asking}; RELEASE SAVEPOINT ${asking}`)
      route.markIdle()
    }
  }

  #read(bytes: Buffer): Script {
    const { session, context, state } = this.#parts
    const sql = readString(bytes, 5).value
    session.lastStatement = sql
    context.observer?.began(session, { sql, isSimpleQuery: true })
    state.statements.delete('')
    const script = context.scripts(sql, state.lexicalOptions)
    if (script.mentionsTemporary) state.mayHaveTemporary = true
    if (script.mentionsOpen) context.transaction.mayOpenCursors = true
    if (script.storesStatistics) context.transaction.mayReadStatistics = true
    if (script.mentionsDeallocate) context.transaction.mayDeallocate = true
    return script
  }

  /** Fails the server's transaction too, after the sandbox has refused what a server would have refused. */
  async #failTransaction(): Promise<void> {
    const { pipeline, state, route } = this.#parts
    const isOpen = state.transaction.status === 'T'
    state.hasFailed = true
    state.transaction.fail()
    // Outside a transaction block, the guard undoes the whole batch; without a guard, the server has to. It also has to
    // if the batch has changed settings, since it would report them.
    const undoneLater = !isOpen && state.pendingSettings.isEmpty
    if (route.kind === 'direct' ? !isOpen && !pipeline.inExtendedQuery : undoneLater || !route.isGuarded) return
    await route.fail()
  }
}
