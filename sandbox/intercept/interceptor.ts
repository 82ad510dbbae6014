/** Answers commands in place of the server, where they would affect the shared transaction or connection. */

import type { SessionParts } from '../execution/session-parts.ts'
import { Backend, type ErrorFields, noticeResponse } from '../protocol/backend-messages.ts'
import type { Command } from '../sql/commands/command.ts'
import { type Outcome, onlyInTransaction } from '../state/transaction-state.ts'
import { answer } from './control-commands.ts'
import { concernsSessionSettings } from './setting-commands.ts'

export class Interceptor {
  /**
   * What else runs in the implicit transaction of a command outside a transaction block: nothing, other statements of
   * its text, or messages executed since the last Sync.
   */
  neighbours: 'none' | 'text' | 'batch' = 'none'
  readonly #parts: SessionParts

  constructor(parts: SessionParts) {
    this.#parts = parts
  }

  /** Whether the sandbox answers this command, and not the server. For an EXECUTE, the prepared command counts. */
  intercepts(command: Command): boolean {
    const { state, context } = this.#parts
    const { transaction, statements } = state
    const executed = command.kind === 'execute' ? statements.get(command.name) : undefined
    const meant = executed?.command ?? command
    const isShared = context.mode !== 'direct'
    const isOutside = transaction.status === 'I'
    switch (meant.kind) {
      case 'other':
        return isShared && meant.verb === 'LOCK' && isOutside && this.#isAlone(meant)
      case 'begin':
      case 'commit':
      case 'rollback':
      case 'prepare transaction':
      case 'listen':
      case 'unlisten':
      case 'notify':
        return isShared
      case 'savepoint':
      case 'release':
      case 'rollback to':
        return isShared && isOutside
      case 'declare':
        if (concernsSessionSettings(meant, state, context.mode)) return true
        return isShared && !meant.hold && isOutside && this.#isAlone(meant)
      case 'discard':
        return isShared && meant.what === 'all' && isOutside
      case 'set':
        if (isShared && meant.modes !== undefined) return true
        return concernsSessionSettings(meant, state, context.mode)
      case 'reset':
      case 'set config':
      case 'copy':
        return concernsSessionSettings(meant, state, context.mode)
      case 'set transaction':
        return isShared && !/^snapshot\b/i.test(meant.modes)
      case 'show':
        if (isShared && meant.name === 'transaction_isolation' && state.level !== undefined) return true
        return concernsSessionSettings(meant, state, context.mode)
      case 'deallocate':
        // The server knows the session's statement by another name; by this one, it may know one of the sandbox's own.
        return isShared || (meant.name !== null && statements.get(meant.name) !== undefined)
      case 'prepare':
        // The server would refuse the renamed statement.
        return statements.get(meant.name) !== undefined
      default:
        return false
    }
  }

  /** Since version 18, a command after the first in a batch counts as inside a transaction block. */
  get isBatchBlock(): boolean {
    return this.#parts.state.serverVersion >= 18
  }

  /** The warning that a server sends for a command without effect outside a transaction block. */
  warningFor(command: Command): ErrorFields | undefined {
    const isLocal = command.kind === 'set' && command.scope === 'local'
    if (!isLocal && command.kind !== 'set constraints') return undefined
    const { state, context } = this.#parts
    if (state.transaction.status !== 'I' || context.mode === 'direct' || !this.#isAlone(command)) return undefined
    if (!state.receivesWarnings) return undefined
    return onlyInTransaction(isLocal ? 'SET LOCAL' : 'SET CONSTRAINTS')
  }

  /**
   * Answers a command that it `intercepts`, after all pending responses. Rejects with a SessionError where a server
   * would report an error.
   */
  async answer(command: Command, sql: string): Promise<Outcome> {
    const { context, pipeline, route, state, work } = this.#parts
    if (command.kind === 'begin' || command.kind === 'listen') route.refuseWhenClosed()
    if (pipeline.inExtendedQuery && route.kind === 'advisory lock') await route.endBatch()
    // In the extended query protocol, control statements can be prepared too.
    const executed = state.statements.executedBy(command)
    const circumstances = { mode: context.mode, alone: this.#isAlone(command), heard: context.listeners.size > 0 }
    const outcome = answer(executed?.command ?? command, executed?.sql ?? sql, state, circumstances)
    work.followChannels()
    if (outcome.notice && state.receivesWarnings) pipeline.frame(Backend.NoticeResponse, noticeResponse(outcome.notice))
    if (outcome.end === 'release') await work.commit()
    if (outcome.afresh && route.isGuarded) context.transaction.closeGuard('rollback')
    await this.#runFor(outcome)
    // Its temporary tables are dropped.
    if (command.kind === 'discard') context.transaction.constraints.completed('DISCARD ALL')
    if (outcome.end) {
      work.end(outcome.end)
      await route.endAdvisoryLock(outcome.end)
    }
    if (outcome.refusal) throw outcome.refusal
    if (command.kind === 'discard') await route.closeAdvisoryLock()
    return outcome
  }

  /** Runs the outcome's statements on the server. */
  async #runFor(outcome: Outcome): Promise<void> {
    const { pipeline, route } = this.#parts
    const { run = this.#toSet(outcome), perform } = outcome
    if (run === undefined && !perform) return
    const entering = route.enter()
    if (entering) await entering
    await pipeline.untilAnswered()
    if (run !== undefined) await route.run(run)
    await perform?.(sql => route.run(sql))
  }

  /** The statement that sets the transaction's access mode on the server, where the transaction has begun there. */
  #toSet({ access, afresh }: Outcome): string | undefined {
    const { state, route } = this.#parts
    if (afresh && state.pendingSettings.repeatable.length > 0) return state.pendingSettings.repeatable.join('; ')
    return access && route.isGuarded ? `SET TRANSACTION ${access}` : undefined
  }

  /** A server treats the first command of a batch as if it were alone. */
  #isAlone({ kind }: Command): boolean {
    if (this.neighbours !== 'batch') return this.neighbours === 'none'
    return !this.isBatchBlock && kind !== 'discard'
  }
}
