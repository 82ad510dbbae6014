/** Answers the messages of the extended query protocol for commands that are intercepted. */

import type { SessionParts } from '../execution/session-parts.ts'
import {
  bindComplete,
  closeComplete,
  commandComplete,
  type ErrorFields,
  noData,
  noParameters,
  noticeResponse,
  parseComplete,
} from '../protocol/backend-messages.ts'
import { describeText, textRow } from '../protocol/data-rows.ts'
import { closePortal, countParameters } from '../protocol/frontend-messages.ts'
import { failedTransaction, SessionError } from '../protocol/pg-error.ts'
import type { Command } from '../sql/commands/command.ts'
import type { Portal, Portals } from '../state/portals.ts'
import type { PreparedStatement } from '../state/prepared-statements.ts'
import { endsTransaction, outsideTransaction } from './control-commands.ts'
import type { Interceptor } from './interceptor.ts'
import { concernsSessionSettings } from './setting-commands.ts'

const notInPipeline = (): SessionError => new SessionError('25001', 'DISCARD ALL cannot be executed within a pipeline')

export class ExtendedMessages {
  readonly #parts: SessionParts
  readonly #interceptor: Interceptor
  readonly #portals: Portals
  readonly #reply: (bytes: Buffer) => void
  readonly #isSkipping: () => boolean

  /** `isSkipping`: after an error, messages are discarded up to the next Sync. */
  constructor(
    parts: SessionParts,
    interceptor: Interceptor,
    portals: Portals,
    reply: (bytes: Buffer) => void,
    isSkipping: () => boolean,
  ) {
    this.#parts = parts
    this.#interceptor = interceptor
    this.#portals = portals
    this.#reply = reply
    this.#isSkipping = isSkipping
  }

  /** Whether the sandbox answers the messages before Execute. The server checks the query of a DECLARE, and its parameters. */
  answers(command: Command): boolean {
    return command.kind !== 'declare' && this.#interceptor.intercepts(command)
  }

  /** Whether the sandbox answers the Describe: also for a statement that can no longer be sent to the server. */
  describes({ command, isUnsent }: PreparedStatement): boolean {
    return this.answers(command) || (isUnsent === true && this.#parts.state.transaction.status === 'E')
  }

  async parse(name: string, statement: PreparedStatement, known: PreparedStatement | undefined): Promise<void> {
    if (!(await this.#caughtUp())) return
    const { statements, transaction } = this.#parts.state
    // A server destroys the unnamed statement even if the new one fails.
    if (name === '') statements.delete(name)
    if (transaction.status === 'E' && !endsTransaction(statement.command)) throw failedTransaction()
    if (known) throw new SessionError('42P05', `prepared statement "${name}" already exists`)
    statements.set(name, { ...statement, isUnsent: true })
    this.#reply(parseComplete)
  }

  async bind(bytes: Buffer, portal: string, name: string, statement: PreparedStatement): Promise<void> {
    if (!(await this.#caughtUp())) return
    this.#refuseBind(bytes, name, statement)
    this.#portals.bind(portal, { statement, intercepted: true, done: false })
    this.#reply(bindComplete)
  }

  async describe(kind: 'S' | 'P', { command }: PreparedStatement): Promise<void> {
    if (!(await this.#caughtUp())) return
    if (kind === 'S') this.#reply(noParameters)
    this.#reply(command.kind === 'show' ? describeText(command.name) : noData)
  }

  async execute(name: string, portal: Portal): Promise<void> {
    const { command, sql } = portal.statement
    if (!(await this.#caughtUp())) return
    if (portal.done) throw new SessionError('55000', `portal "${name}" cannot be run`)
    const { neighbours, isBatchBlock } = this.#interceptor
    if (command.kind === 'discard' && neighbours === 'batch' && !isBatchBlock) throw notInPipeline()
    const endsPortals = endsTransaction(command) || command.kind === 'discard'
    if (endsPortals) await this.#endPortals()
    const { tag, row } = await this.#interceptor.answer(command, sql)
    portal.done = true
    if (endsPortals) this.#portals.clear()
    this.#interceptor.neighbours = endsPortals || command.kind === 'begin' ? 'none' : 'batch'
    if (row) this.#reply(textRow(row.value))
    this.#parts.context.observer?.completed?.(this.#parts.session, tag)
    this.#reply(commandComplete(tag))
  }

  /** Refuses the Execute of a DECLARE that the server has bound. */
  async refuseDeclare({ command, sql }: PreparedStatement): Promise<void> {
    if (!(await this.#caughtUp())) return
    const { state, context } = this.#parts
    // Also in a transaction block: for a call of set_config().
    if (concernsSessionSettings(command, state, context.mode)) await this.#interceptor.answer(command, sql)
    throw outsideTransaction('DECLARE CURSOR')
  }

  async close(kind: 'S' | 'P', name: string): Promise<void> {
    if (!(await this.#caughtUp())) return
    if (kind === 'S') this.#parts.state.statements.delete(name)
    else this.#portals.close(name)
    this.#reply(closeComplete)
  }

  /** Closes portals that were bound outside a transaction: in the shared transaction, they would stay open. */
  async #endPortals(): Promise<void> {
    if (!this.#parts.route.isShared) return
    for (const name of this.#portals.ending) this.#parts.pipeline.ask(closePortal(name), { hidden: true })
    await this.#parts.pipeline.untilAnswered()
  }

  /** Sends a warning before the server's response. Returns false if there will be no response. */
  async warn(warning: ErrorFields): Promise<boolean> {
    if (!(await this.#caughtUp())) return false
    this.#reply(noticeResponse(warning))
    return true
  }

  /** Refuses a Bind for an intercepted command where a server would. */
  #refuseBind(bytes: Buffer, name: string, { command }: PreparedStatement): void {
    const count = countParameters(bytes)
    if (count > 0) {
      throw new SessionError(
        '08P01',
        `bind message supplies ${count} parameters, but prepared statement "${name}" requires 0`,
      )
    }
    if (this.#parts.state.transaction.status === 'E' && !endsTransaction(command)) throw failedTransaction()
  }

  /** Waits for pending responses, to keep the order. Returns false if one of them was an error. */
  async #caughtUp(): Promise<boolean> {
    await this.#parts.pipeline.untilAnswered()
    return !this.#isSkipping()
  }
}
