/** Answers the messages of the extended protocol that are about a command which is answered here, in the place of the server. */

import type { SessionParts } from '../execution/session-parts.ts'
import type { OwnCommands } from '../intercept/intercept.ts'
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

/** Does the command end a transaction, also one that has failed? */
const endsTransaction = ({ kind }: Command): boolean => kind === 'commit' || kind === 'rollback'

const notInPipeline = (): SessionError => new SessionError('25001', 'DISCARD ALL cannot be executed within a pipeline')

export class AnsweredMessages {
  readonly #parts: SessionParts
  readonly #own: OwnCommands
  readonly #portals: Portals
  readonly #reply: (bytes: Buffer) => void
  readonly #isSkipping: () => boolean
  /** Since the last Sync or transaction command nothing was executed. */
  #isFirst = true

  /** `isSkipping`: after an error, messages are dropped up to the next Sync. */
  constructor(
    parts: SessionParts,
    own: OwnCommands,
    portals: Portals,
    reply: (bytes: Buffer) => void,
    isSkipping: () => boolean,
  ) {
    this.#parts = parts
    this.#own = own
    this.#portals = portals
    this.#reply = reply
    this.#isSkipping = isSkipping
  }

  /** The command is answered here. */
  takes(command: Command): boolean {
    return this.#own.include(command, this.#isAlone(command))
  }

  /** The statement is described here: also one which a server would know, and cannot be told of any more. */
  describes({ command, isUnsent }: PreparedStatement): boolean {
    return this.takes(command) || (isUnsent === true && this.#parts.record.transaction.status === 'E')
  }

  /** What a server says before it runs a command that has no effect outside a transaction. */
  warningFor(command: Command): ErrorFields | undefined {
    return this.#own.warningFor(command, this.#isAlone(command))
  }

  /** The server runs a statement. */
  executed(): void {
    this.#isFirst = false
  }

  /** The series is over. */
  finish(): void {
    this.#isFirst = true
  }

  async parse(name: string, statement: PreparedStatement, known: PreparedStatement | undefined): Promise<void> {
    if (!(await this.#caughtUp())) return
    const { statements, transaction } = this.#parts.record
    // A server forgets it whatever becomes of the new one.
    if (name === '') statements.delete(name)
    if (transaction.status === 'E' && !endsTransaction(statement.command)) throw failedTransaction()
    if (known) throw new SessionError('42P05', `prepared statement "${name}" already exists`)
    statements.set(name, { ...statement, isUnsent: true })
    this.#reply(parseComplete)
  }

  async bind(bytes: Buffer, portal: string, name: string, statement: PreparedStatement): Promise<void> {
    if (!(await this.#caughtUp())) return
    this.#refuseBind(bytes, name, statement)
    this.#portals.bind(portal, { statement, answered: true, done: false })
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
    if (command.kind === 'discard' && !this.#isFirst && !this.#isBlock()) throw notInPipeline()
    const endsPortals = endsTransaction(command) || command.kind === 'discard'
    if (endsPortals) await this.#endPortals()
    const { tag, row } = await this.#own.answer(command, sql, this.#isAlone(command))
    portal.done = true
    if (endsPortals) this.#portals.clear()
    this.#isFirst = endsPortals || command.kind === 'begin'
    if (row) this.#reply(textRow(row.value))
    this.#reply(commandComplete(tag))
  }

  async close(kind: 'S' | 'P', name: string): Promise<void> {
    if (!(await this.#caughtUp())) return
    if (kind === 'S') this.#parts.record.statements.delete(name)
    else this.#portals.close(name)
    this.#reply(closeComplete)
  }

  /** The shared transaction would keep open those that the session has bound outside of one. */
  async #endPortals(): Promise<void> {
    if (!this.#parts.lane.isShared) return
    for (const name of this.#portals.ending) this.#parts.pipeline.ask(closePortal(name), { hidden: true })
    await this.#parts.pipeline.untilAnswered()
  }

  /** Tells the client before the server's answer. False if there will be none. */
  async warn(warning: ErrorFields): Promise<boolean> {
    if (!(await this.#caughtUp())) return false
    this.#reply(noticeResponse(warning))
    return true
  }

  /** A server takes what comes first for all that there is. */
  #isAlone(command: Command): boolean {
    return this.#isFirst || (!this.#isBlock() && command.kind !== 'discard')
  }

  /** What comes later in a series is in a transaction block; it was not before version 18. */
  #isBlock(): boolean {
    return this.#parts.record.serverVersion >= 18
  }

  /** Refuses a portal for a command that is answered here where a server would. */
  #refuseBind(bytes: Buffer, name: string, { command }: PreparedStatement): void {
    const count = countParameters(bytes)
    if (count > 0) {
      throw new SessionError(
        '08P01',
        `bind message supplies ${count} parameters, but prepared statement "${name}" requires 0`,
      )
    }
    if (this.#parts.record.transaction.status === 'E' && !endsTransaction(command)) throw failedTransaction()
  }

  /** Waits for the answers to what was sent, so that our own comes in its place. False if one of them was an error. */
  async #caughtUp(): Promise<boolean> {
    await this.#parts.pipeline.untilAnswered()
    return !this.#isSkipping()
  }
}
