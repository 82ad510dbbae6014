/** What a session is answered to the commands that the sandbox answers itself, and what the server has to do for that. */

import type { SessionLane } from '../execution/route.ts'
import type { Endpoint } from '../execution/session-context.ts'
import type { SessionWork } from '../execution/unit-of-work.ts'
import { Backend, type ErrorFields, noticeResponse } from '../protocol/backend-messages.ts'
import type { Conversation } from '../server/request-pipeline.ts'
import type { Command } from '../sql/commands/command.ts'
import type { Run } from '../sql/run-sql.ts'
import type { PreparedStatement } from '../state/prepared-statements.ts'
import type { SessionRecord } from '../state/session-state.ts'
import { type Outcome, onlyInTransaction } from '../state/transaction-state.ts'
import { answer, isAnswered } from './control-commands.ts'

/** The parts of a session that have a share in it. `run` runs statements under its guard. */
interface Parts {
  readonly endpoint: Endpoint
  readonly conversation: Conversation
  readonly lane: SessionLane
  readonly record: SessionRecord
  readonly work: SessionWork
  readonly run: Run
}

export class OwnCommands {
  readonly #parts: Parts

  constructor(parts: Parts) {
    this.#parts = parts
  }

  /** Is this command answered here, and not by the server? `alone`: it is all that its message has. */
  include(command: Command, alone: boolean): boolean {
    const { record, endpoint } = this.#parts
    return isAnswered(this.meantBy(command), record, endpoint.mode, alone)
  }

  /** EXECUTE stands for what it executes: by the protocol, control statements can be prepared as well. */
  meantBy(command: Command): Command {
    return this.executedBy(command)?.command ?? command
  }

  /** What an EXECUTE executes. */
  executedBy(command: Command): PreparedStatement | undefined {
    return command.kind === 'execute' ? this.#parts.record.statements.get(command.name) : undefined
  }

  /** What a server says before it runs a command that has no effect outside a transaction. */
  warningFor(command: Command, alone: boolean): ErrorFields | undefined {
    const { record, endpoint } = this.#parts
    if (record.transaction.status !== 'I' || endpoint.mode === 'direct' || !alone) return undefined
    if (command.kind === 'set' && command.scope === 'local') return onlyInTransaction('SET LOCAL')
    return command.kind === 'set constraints' ? onlyInTransaction('SET CONSTRAINTS') : undefined
  }

  /**
   * Answers a command that is one of them; before, everything that was sent has been answered. `alone`: as there. Rejects
   * with a SessionError where a server would refuse it.
   */
  async answer(command: Command, sql: string, alone: boolean): Promise<Outcome> {
    const { endpoint, conversation, lane, record, work } = this.#parts
    if (command.kind === 'begin' || command.kind === 'listen') lane.refuseWhenClosed()
    if (conversation.inExtendedQuery && lane.isBeside) await lane.leaveSeries()
    const text = this.executedBy(command)?.sql ?? sql
    const circumstances = { mode: endpoint.mode, alone, heard: endpoint.listeners.size > 0 }
    const outcome = answer(this.meantBy(command), text, record, circumstances)
    work.followChannels()
    if (outcome.notice) conversation.frame(Backend.NoticeResponse, noticeResponse(outcome.notice))
    if (outcome.end === 'release') await work.commit(this.#parts.run)
    if (outcome.afresh && lane.isGuarded) endpoint.transaction.closeGuard('rollback')
    await this.#runFor(outcome)
    if (outcome.end) {
      work.end(outcome.end)
      await lane.endBeside(outcome.end)
    }
    if (command.kind === 'discard') await lane.closeBeside()
    return outcome
  }

  /** Has the server do its part. */
  async #runFor(outcome: Outcome): Promise<void> {
    const { conversation, lane } = this.#parts
    const { run = this.#toSet(outcome), perform } = outcome
    if (run === undefined && !perform) return
    const entering = lane.enter()
    if (entering) await entering
    await conversation.untilAnswered()
    if (run !== undefined) await this.#parts.run(run)
    await perform?.(this.#parts.run)
  }

  /** What the server has to be told of a transaction's access, if it has begun the transaction. */
  #toSet({ access, afresh }: Outcome): string | undefined {
    const { record, lane } = this.#parts
    if (afresh && record.log.statements.length > 0) return record.log.statements.join('; ')
    return access && lane.isGuarded ? `SET TRANSACTION ${access}` : undefined
  }
}
