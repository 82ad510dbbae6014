/** What begins with a Query, a FunctionCall or the messages before a Sync, and ends with ReadyForQuery. */

import type { Endpoint } from '../execution/session-context.ts'
import type { Client } from '../execution/session-handle.ts'
import { MalformedMessage, readString } from '../protocol/frames.ts'
import { SessionError } from '../protocol/pg-error.ts'
import type { Conversation } from '../server/request-pipeline.ts'
import type { SessionTimeouts } from '../state/session-timeouts.ts'
import type { ClientAnswers } from './client-responses.ts'
import type { CopyIn } from './copy-in.ts'
import type { ExtendedQuery } from './extended-query.ts'
import { runSimpleQuery } from './simple-query.ts'
import type { StatementRunner } from './statement-runner.ts'

/** The parts of a session that have a share in it. */
interface Parts {
  readonly session: Client
  readonly endpoint: Endpoint
  readonly conversation: Conversation
  readonly runner: StatementRunner
  readonly extended: ExtendedQuery
  readonly copy: CopyIn
  readonly answers: ClientAnswers
  readonly timeouts: SessionTimeouts
}

export class QueryCycle {
  readonly #parts: Parts

  constructor(parts: Parts) {
    this.#parts = parts
  }

  async simpleQuery(bytes: Buffer): Promise<void> {
    this.#parts.answers.areToText = true
    try {
      await this.#runText(bytes)
    } catch (error) {
      await this.refuse(error)
    }
    const finishing = this.#finish()
    if (finishing) await finishing
  }

  async functionCall(bytes: Buffer): Promise<void> {
    const { runner, conversation } = this.#parts
    try {
      await runner.enter()
      runner.follow(await conversation.untilReady(bytes))
    } catch (error) {
      await this.refuse(error)
    }
    await this.#finish()
  }

  /** Ends a series of which all was taken. */
  async sync(): Promise<void> {
    const { runner, extended } = this.#parts
    const answering = extended.sync()
    if (answering) runner.follow(await answering)
    const finishing = this.#finish()
    if (finishing) await finishing
  }

  /**
   * Reports a refusal of the sandbox's own where a server would report its error: after the answers to what came before.
   * Rejects with any other error.
   */
  async refuse(error: unknown): Promise<void> {
    const refusal = error instanceof MalformedMessage ? new SessionError('08P01', error.message) : error
    if (!(refusal instanceof SessionError) || refusal.fields.S === 'FATAL') throw error
    const { conversation, extended, answers, runner } = this.#parts
    if (conversation.inExtendedQuery) await conversation.untilAnswered()
    // The server has refused what came before; it would not have looked at this.
    if (extended.isSkipping) return
    answers.refused(refusal)
    extended.failed()
    await runner.refused()
    runner.rests()
  }

  #runText(bytes: Buffer): Promise<void> | undefined {
    const { session, runner, endpoint, conversation, answers } = this.#parts
    const sql = readString(bytes, 5).value
    session.lastStatement = sql
    session.runs(sql)
    runner.record.statements.delete('')
    const script = endpoint.scripts(sql, runner.record.lexicalOptions)
    if (script.mentionsTemporary) runner.record.mayHaveTemporary = true
    return runSimpleQuery(script, bytes, runner, conversation, answers)
  }

  #finish(): Promise<void> | undefined {
    this.#parts.copy.finished()
    const settling = this.#parts.runner.settle()
    if (settling) return this.#finishAfter(settling)
    this.#tellReady()
    return undefined
  }

  async #finishAfter(settling: Promise<void>): Promise<void> {
    try {
      await settling
    } catch (error) {
      if (!(error instanceof SessionError) || error.fields.S === 'FATAL') throw error
      this.#parts.answers.notCommitted(error)
    }
    this.#tellReady()
  }

  #tellReady(): void {
    this.#parts.answers.ready()
    this.#parts.extended.finish()
    this.#parts.timeouts.rests()
  }
}
