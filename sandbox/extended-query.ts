/** Runs the messages of the extended protocol: Parse, Bind, Describe, Execute, Close, up to a Sync. */
import type { Conversation } from './conversation.ts'
import { outOfPlace } from './copy-in.ts'
import { type Portal, Portals } from './portals.ts'
import { Preparation } from './preparation.ts'
import { failedTransaction, SessionError } from './session-error.ts'
import type { Command } from './sql/command.ts'
import type { ScriptCache } from './sql/script.ts'
import type { PreparedStatement } from './statement-names.ts'
import type { StatementRunner } from './statement-runner.ts'
import {
  bindComplete,
  closeComplete,
  commandComplete,
  noData,
  noParameters,
  noticeResponse,
  parseComplete,
  type TransactionStatus,
} from './wire/backend.ts'
import { readString } from './wire/frames.ts'
import {
  type ClientFrame,
  closePortal,
  countParameters,
  Frontend,
  readBind,
  readExecute,
  readParse,
  readTarget,
  replaceString,
  replaceStringInPieces,
  sync,
} from './wire/frontend.ts'
import { describeText, textRow } from './wire/rows.ts'

/** What an unknown statement is: the server will say that it does not exist. */
const unknownCommand: Command = { kind: 'other', verb: '' }

/** Does the command end a transaction, also one that has failed? */
const endsTransaction = ({ kind }: Command): boolean => kind === 'commit' || kind === 'rollback'

const notInPipeline = (): SessionError => new SessionError('25001', 'DISCARD ALL cannot be executed within a pipeline')

export class ExtendedQuery {
  readonly #session: { lastStatement: string; runs(sql: string): void }
  readonly #runner: StatementRunner
  readonly #conversation: Conversation
  readonly #scripts: ScriptCache
  readonly #reply: (bytes: Buffer) => void
  readonly #preparation: Preparation
  readonly #portals: Portals
  /** After an error, messages are dropped up to the next Sync, as a server does. */
  #skipping = false
  /** Since the last Sync or transaction command nothing was executed. */
  #isFirst = true

  constructor(
    session: { lastStatement: string; runs(sql: string): void },
    runner: StatementRunner,
    conversation: Conversation,
    scripts: ScriptCache,
    reply: (bytes: Buffer) => void,
  ) {
    this.#session = session
    this.#runner = runner
    this.#conversation = conversation
    this.#preparation = new Preparation(session, runner, conversation)
    this.#portals = new Portals(runner.record)
    this.#scripts = scripts
    this.#reply = reply
  }

  get isSkipping(): boolean {
    return this.#skipping
  }

  /** The client is told ReadyForQuery: errors are over, and outside a transaction so are portals. */
  finish(): void {
    this.#skipping = false
    this.#isFirst = true
    this.#portals.finish()
  }

  /** The server refused a message. */
  failed(): void {
    this.#skipping = true
  }

  /**
   * Takes messages in order; undefined if nothing has to be waited for. Throws, or rejects with, the SessionError with
   * which the sandbox refuses one of them.
   */
  take(frames: readonly ClientFrame[]): Promise<void> | undefined {
    for (const [at, { type, bytes }] of frames.entries()) {
      if (this.#skipping) return undefined
      // A server would end the connection, which is not this session's alone.
      if (this.#conversation.copyAsked) throw outOfPlace(type)
      const waiting = this.#takeOne(type, bytes)
      if (waiting) return waiting.then(() => this.take(frames.slice(at + 1)))
    }
    return undefined
  }

  /** Hands on what was taken, so that the client gets its answers without a Sync. */
  flush(): void {
    if (!this.#conversation.inExtendedQuery || this.#skipping) return
    this.#conversation.flush()
  }

  /** Ends a series of messages. Resolves with the server's word on the transaction; undefined if it has none to say. */
  sync(): Promise<TransactionStatus> | undefined {
    if (!this.#conversation.inExtendedQuery) return undefined
    this.#closePortals()
    return this.#conversation.untilReady(sync)
  }

  #takeOne(type: number, bytes: Buffer): Promise<void> | undefined {
    switch (type) {
      case Frontend.Parse:
        return this.#parse(bytes)
      case Frontend.Bind:
        return this.#bind(bytes)
      case Frontend.Describe:
        return this.#describe(bytes)
      case Frontend.Execute:
        return this.#execute(bytes)
      default:
        return this.#close(bytes)
    }
  }

  #parse(bytes: Buffer): Promise<void> | undefined {
    const { name, sql } = readParse(bytes)
    this.#session.lastStatement = sql
    const script = this.#scripts(sql, this.#runner.record.lexicalOptions)
    const single = script.statements.length === 1 ? script.statements[0] : undefined
    const command = (single && script.commands[0]) ?? unknownCommand
    const { statements } = this.#runner.record
    const serverName = statements.serverName(name)
    const named = name === '' ? bytes : replaceString(bytes, 5, serverName)
    const renamed = single && this.#runner.nameInStatement(script)
    const frame = renamed === undefined ? named : replaceString(named, readString(named, 5).next, renamed)
    const names = single && script.names[0]
    const statement: PreparedStatement = { serverName, frame, command, sql: single?.text ?? sql, names }
    const known = name === '' ? undefined : statements.get(name)
    if (this.#answers(command)) return this.#answerParse(name, statement, known)
    return this.#entered(command, () => {
      if (command.kind !== 'prepare') this.#runner.makeReady(statement)
      if (known) {
        // The server refuses it, for its text or else for its name.
        if (!this.#runner.lane.upstream.prepared.has(serverName)) this.#preparation.ask(known, true)
        this.#conversation.ask(frame)
        return
      }
      const before = statements.get(name)
      this.#preparation.ask(statement, false, skipped => {
        if (skipped && before) statements.set(name, before)
        else statements.delete(name)
      })
      statements.set(name, statement)
    })
  }

  async #answerParse(name: string, statement: PreparedStatement, known: PreparedStatement | undefined): Promise<void> {
    const { statements, transaction } = this.#runner.record
    if (transaction.status === 'E' && !endsTransaction(statement.command)) throw failedTransaction()
    if (known) throw new SessionError('42P05', `prepared statement "${name}" already exists`)
    if (!(await this.#caughtUp())) return
    statements.set(name, { ...statement, isUnsent: true })
    this.#reply(parseComplete)
  }

  #bind(bytes: Buffer): Promise<void> | undefined {
    const { portal, statement: name } = readBind(bytes)
    const statement = this.#runner.record.statements.find(name)
    if (this.#answers(statement.command)) return this.#answerBind(bytes, portal, name, statement)
    const reopened = this.#portals.isNew(portal)
    this.#portals.bind(portal, { statement, answered: false, done: false })
    if (this.#portals.mayBeCursor(portal)) this.#runner.record.mayHaveCursors = true
    return this.#entered(statement.command, () => {
      this.#preparation.repeat(statement)
      // The shared transaction outlives the session's, and so does a portal that should have ended with it.
      if (reopened) this.#conversation.ask(closePortal(portal), { hidden: true })
      const at = readString(bytes, 5).next
      this.#conversation.ask(
        name === '' ? bytes : replaceStringInPieces(bytes, at, this.#runner.record.statements.serverName(name)),
      )
    })
  }

  async #answerBind(bytes: Buffer, portal: string, name: string, statement: PreparedStatement): Promise<void> {
    if (!(await this.#caughtUp())) return
    this.#refuseBind(bytes, name, statement)
    this.#portals.bind(portal, { statement, answered: true, done: false })
    this.#reply(bindComplete)
  }

  #describe(bytes: Buffer): Promise<void> | undefined {
    const { kind, name } = readTarget(bytes)
    const portal = kind === 'S' ? undefined : this.#portals.find(name)
    const statement = kind === 'S' ? this.#runner.record.statements.find(name) : portal?.statement
    if (statement && (portal?.answered ?? (this.#answers(statement.command) || this.#mustAnswer(statement)))) {
      return this.#answerDescribe(kind, statement)
    }
    return this.#entered(statement?.command, () => {
      if (kind === 'S' && statement) this.#preparation.repeat(statement)
      const renamed = kind === 'S' && name !== ''
      this.#conversation.ask(renamed ? replaceString(bytes, 6, this.#runner.record.statements.serverName(name)) : bytes)
    })
  }

  async #answerDescribe(kind: 'S' | 'P', { command }: PreparedStatement): Promise<void> {
    if (!(await this.#caughtUp())) return
    if (kind === 'S') this.#reply(noParameters)
    this.#reply(command.kind === 'show' ? describeText(command.name) : noData)
  }

  #execute(bytes: Buffer): Promise<void> | undefined {
    const name = readExecute(bytes)
    const portal = this.#portals.find(name)
    const statement = portal?.statement
    const command = statement?.command ?? unknownCommand
    if (statement) this.#session.runs(statement.sql)
    if (portal?.answered) return this.#answerExecute(name, portal)
    const warning = this.#runner.warningFor(command, this.#isAlone(command))
    if (!warning) return this.#executeThere(bytes, command, statement)
    return this.#caughtUp().then(isCaughtUp => {
      if (!isCaughtUp) return undefined
      this.#reply(noticeResponse(warning))
      return this.#executeThere(bytes, command, statement)
    })
  }

  #executeThere(bytes: Buffer, command: Command, statement: PreparedStatement | undefined): Promise<void> | undefined {
    return this.#entered(command, () => {
      if (statement) this.#runner.makeReady(statement)
      // An empty statement does not count.
      if (command !== unknownCommand) this.#isFirst = false
      this.#conversation.ask(bytes, { copies: command.kind === 'copy' && command.direction === 'in' })
      if (statement && command.kind !== 'other') this.#runner.note(command, statement.sql)
    })
  }

  async #answerExecute(name: string, portal: Portal): Promise<void> {
    const { command, sql } = portal.statement
    if (!(await this.#caughtUp())) return
    if (portal.done) throw new SessionError('55000', `portal "${name}" cannot be run`)
    if (command.kind === 'discard' && !this.#isFirst && !this.#isBlock()) throw notInPipeline()
    const { tag, row } = await this.#runner.answer(command, sql, this.#isAlone(command))
    portal.done = true
    this.#isFirst = endsTransaction(command) || command.kind === 'begin' || command.kind === 'discard'
    if (row) this.#reply(textRow(row.value))
    this.#reply(commandComplete(tag))
  }

  #close(bytes: Buffer): Promise<void> | undefined {
    const { kind, name } = readTarget(bytes)
    const portal = kind === 'P' ? this.#portals.get(name) : undefined
    const isThere = portal ? !portal.answered : kind === 'P' && this.#portals.mayBeCursor(name)
    // What the server never saw, or no longer has, needs no message. A statement is closed there before its name is used again.
    if (!isThere) return this.#answerClose(kind, name)
    this.#portals.close(name)
    return this.#entered(portal?.statement.command, () => this.#conversation.ask(bytes))
  }

  async #answerClose(kind: 'S' | 'P', name: string): Promise<void> {
    if (!(await this.#caughtUp())) return
    if (kind === 'S') this.#runner.record.statements.delete(name)
    else this.#portals.close(name)
    this.#reply(closeComplete)
  }

  /** Outside a transaction, portals end with their series; the shared transaction would keep them open. */
  #closePortals(): void {
    if (this.#skipping || !this.#runner.isShared) return
    for (const name of this.#portals.ending) this.#conversation.ask(closePortal(name), { hidden: true })
  }

  #answers(command: Command): boolean {
    return this.#runner.answers(command, this.#isAlone(command))
  }

  /** A server would know the statement, and cannot be told of it any more. */
  #mustAnswer({ isUnsent }: PreparedStatement): boolean {
    return isUnsent === true && this.#runner.record.transaction.status === 'E'
  }

  /** A server takes what comes first for all that there is. */
  #isAlone(command: Command): boolean {
    return this.#isFirst || (!this.#isBlock() && command.kind !== 'discard')
  }

  /** What comes later in a series is in a transaction block; it was not before version 18. */
  #isBlock(): boolean {
    return this.#runner.record.serverVersion >= 18
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
    if (this.#runner.record.transaction.status === 'E' && !endsTransaction(command)) throw failedTransaction()
  }

  /** Asks the server, once the command may run there; not if an answer to what came before was an error. */
  #entered(command: Command | undefined, ask: () => void): Promise<void> | undefined {
    const entering = this.#runner.enter(command)
    if (!entering) {
      ask()
      return undefined
    }
    return entering.then(() => {
      if (!this.#skipping) ask()
    })
  }

  /** Waits for the answers to what was sent, so that our own comes in its place. False if one of them was an error. */
  async #caughtUp(): Promise<boolean> {
    await this.#conversation.untilAnswered()
    return !this.#skipping
  }
}
