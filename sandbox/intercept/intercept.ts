/** What a session is answered to the commands that the sandbox answers itself, and what the server has to do for that. */

import type { SessionParts } from '../execution/session-parts.ts'
import { Backend, type ErrorFields, noticeResponse } from '../protocol/backend-messages.ts'
import type { Command } from '../sql/commands/command.ts'
import { type Outcome, onlyInTransaction } from '../state/transaction-state.ts'
import { answer, isAnswered } from './control-commands.ts'

export class OwnCommands {
  readonly #parts: SessionParts

  constructor(parts: SessionParts) {
    this.#parts = parts
  }

  /** Is this command answered here (an EXECUTE: for what it executes), and not by the server? `alone`: it is all that its message has. */
  include(command: Command, alone: boolean): boolean {
    const { record, endpoint } = this.#parts
    return isAnswered(record.statements.executedBy(command)?.command ?? command, record, endpoint.mode, alone)
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
    const { endpoint, pipeline, lane, record, work } = this.#parts
    if (command.kind === 'begin' || command.kind === 'listen') lane.refuseWhenClosed()
    if (pipeline.inExtendedQuery && lane.isBeside) await lane.leaveSeries()
    // By the protocol, control statements can be prepared as well.
    const executed = record.statements.executedBy(command)
    const circumstances = { mode: endpoint.mode, alone, heard: endpoint.listeners.size > 0 }
    const outcome = answer(executed?.command ?? command, executed?.sql ?? sql, record, circumstances)
    work.followChannels()
    if (outcome.notice) pipeline.frame(Backend.NoticeResponse, noticeResponse(outcome.notice))
    if (outcome.end === 'release') await work.commit()
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
    const { pipeline, lane } = this.#parts
    const { run = this.#toSet(outcome), perform } = outcome
    if (run === undefined && !perform) return
    const entering = lane.enter()
    if (entering) await entering
    await pipeline.untilAnswered()
    if (run !== undefined) await lane.run(run)
    await perform?.(sql => lane.run(sql))
  }

  /** What the server has to be told of a transaction's access, if it has begun the transaction. */
  #toSet({ access, afresh }: Outcome): string | undefined {
    const { record, lane } = this.#parts
    if (afresh && record.log.statements.length > 0) return record.log.statements.join('; ')
    return access && lane.isGuarded ? `SET TRANSACTION ${access}` : undefined
  }
}
