/** Runs the messages of the extended protocol: Parse, Bind, Describe, Execute, Close, up to a Sync. */
import type { Conversation } from './conversation.ts'
import { outOfPlace } from './copy-in.ts'
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
} from './wire/backend.ts'
import { readString } from './wire/frames.ts'
import {
  closePortal,
  closeStatement,
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

export type ClientFrame = { type: number; bytes: Buffer }

/** What an unknown statement is: the server will say that it does not exist. */
const unknownCommand: Command = { kind: 'other', verb: '' }

export class ExtendedQuery {
  readonly #session: { lastStatement: string; runs(sql: string): void }
  readonly #runner: StatementRunner
  readonly #conversation: Conversation
  readonly #scripts: ScriptCache
  readonly #reply: (bytes: Buffer) => void
  readonly #portals = new Map<string, PreparedStatement>()
  /** After an error, messages are dropped up to the next Sync, as a server does. */
  #skipping = false

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
    this.#scripts = scripts
    this.#reply = reply
  }

  get isSkipping(): boolean {
    return this.#skipping
  }

  /** The client is told ReadyForQuery: errors are over, and outside a transaction so are portals. */
  finish(): void {
    this.#skipping = false
    if (this.#runner.record.transaction.status === 'I') this.#portals.clear()
  }

  /** The server refused a message. */
  failed(): void {
    this.#skipping = true
  }

  /** Takes messages in order. Throws the SessionError with which the sandbox refuses one of them. */
  async take(frames: readonly ClientFrame[]): Promise<void> {
    for (const { type, bytes } of frames) {
      if (this.#skipping) return
      // A server would end the connection, which is not this session's alone.
      if (this.#conversation.copyAsked) throw outOfPlace(type)
      await this.#takeOne(type, bytes)
    }
  }

  /** Hands on what was taken, so that the client gets its answers without a Sync. */
  flush(): void {
    if (!this.#conversation.inExtendedQuery || this.#skipping) return
    this.#conversation.flush()
  }

  /** Ends a series of messages; afterwards every answer has been passed on. */
  async sync(): Promise<void> {
    if (this.#conversation.inExtendedQuery) this.#runner.follow(await this.#conversation.untilReady(sync))
  }

  #takeOne(type: number, bytes: Buffer): Promise<void> {
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

  async #parse(bytes: Buffer): Promise<void> {
    const { name, sql } = readParse(bytes)
    this.#session.lastStatement = sql
    const script = this.#scripts(sql)
    const single = script.statements.length === 1 ? script.statements[0] : undefined
    const command = (single && script.commands[0]) ?? unknownCommand
    const { statements, transaction } = this.#runner.record
    const serverName = statements.serverName(name)
    const named = name === '' ? bytes : replaceString(bytes, 5, serverName)
    const renamed = single && this.#runner.nameInStatement(script)
    const frame = renamed === undefined ? named : replaceString(named, readString(named, 5).next, renamed)
    const names = single && script.names[0]
    const statement: PreparedStatement = { serverName, frame, command, sql: single?.text ?? sql, names }
    if (name !== '' && statements.get(name)) {
      if (transaction.status === 'E' && command.kind !== 'commit' && command.kind !== 'rollback')
        throw failedTransaction()
      throw new SessionError('42P05', `prepared statement "${name}" already exists`)
    }
    if (this.#runner.answers(command, true)) {
      if (!(await this.#caughtUp())) return
      statements.set(name, statement)
      this.#reply(parseComplete)
      return
    }
    await this.#runner.enter(command)
    if (this.#skipping) return
    if (command.kind !== 'prepare') this.#runner.makeReady(statement)
    const before = statements.get(name)
    this.#prepare(statement, false, skipped => {
      if (skipped && before) statements.set(name, before)
      else statements.delete(name)
    })
    statements.set(name, statement)
  }

  async #bind(bytes: Buffer): Promise<void> {
    const { portal, statement: name } = readBind(bytes)
    const statement = this.#known(name)
    const reopened = portal !== '' && !this.#portals.has(portal)
    this.#portals.set(portal, statement)
    if (this.#runner.answers(statement.command, true)) {
      if (await this.#caughtUp()) this.#reply(bindComplete)
      return
    }
    if (!(await this.#enterWith(statement))) return
    // The shared transaction outlives the session's, and so does a portal that should have ended with it.
    if (reopened) this.#conversation.ask(closePortal(portal), { hidden: true })
    const at = readString(bytes, 5).next
    this.#conversation.ask(
      name === '' ? bytes : replaceStringInPieces(bytes, at, this.#runner.record.statements.serverName(name)),
    )
  }

  async #describe(bytes: Buffer): Promise<void> {
    const { kind, name } = readTarget(bytes)
    const statement = kind === 'S' ? this.#known(name) : this.#portal(name)
    if (statement && this.#runner.answers(statement.command, true)) {
      if (!(await this.#caughtUp())) return
      if (kind === 'S') this.#reply(noParameters)
      this.#reply(statement.command.kind === 'show' ? describeText(statement.command.name) : noData)
      return
    }
    if (!(await this.#enterWith(statement, kind === 'S'))) return
    const renamed = kind === 'S' && name !== ''
    this.#conversation.ask(renamed ? replaceString(bytes, 6, this.#runner.record.statements.serverName(name)) : bytes)
  }

  async #execute(bytes: Buffer): Promise<void> {
    const statement = this.#portal(readExecute(bytes))
    const command = statement?.command ?? unknownCommand
    if (statement) this.#session.runs(statement.sql)
    if (statement && this.#runner.answers(command, true)) {
      if (!(await this.#caughtUp())) return
      const { tag, row } = await this.#runner.answer(command, statement.sql)
      if (row) this.#reply(textRow(row.value))
      this.#reply(commandComplete(tag))
      return
    }
    const warning = this.#runner.warningFor(command, true)
    if (warning && (await this.#caughtUp())) this.#reply(noticeResponse(warning))
    await this.#runner.enter(command)
    if (this.#skipping) return
    if (statement) this.#runner.makeReady(statement)
    this.#conversation.ask(bytes, { copies: command.kind === 'copy' && command.direction === 'in' })
    if (statement && command.kind !== 'other') this.#runner.note(command, statement.sql)
  }

  async #close(bytes: Buffer): Promise<void> {
    const { kind, name } = readTarget(bytes)
    const statement = kind === 'P' ? this.#portals.get(name) : undefined
    // What the server never saw, or no longer has, needs no message. A statement is closed there before its name is used again.
    if (!statement || this.#runner.answers(statement.command, true)) {
      if (!(await this.#caughtUp())) return
      if (kind === 'S') this.#runner.record.statements.delete(name)
      else this.#portals.delete(name)
      this.#reply(closeComplete)
      return
    }
    this.#portals.delete(name)
    await this.#runner.enter(statement.command)
    if (this.#skipping) return
    this.#conversation.ask(bytes)
  }

  #known(name: string): PreparedStatement {
    const statement = this.#runner.record.statements.get(name)
    if (statement) return statement
    const subject = name === '' ? 'unnamed prepared statement' : `prepared statement "${name}"`
    throw new SessionError('26000', `${subject} does not exist`)
  }

  /** What a portal runs; undefined for one that may be a cursor of the transaction. */
  #portal(name: string): PreparedStatement | undefined {
    const statement = this.#portals.get(name)
    if (statement || this.#runner.record.transaction.status !== 'I') return statement
    throw new SessionError('34000', `portal "${name}" does not exist`)
  }

  /**
   * Makes ready for a message about a statement, which another session or another test may have made the server forget;
   * `named`: the message names it. False if an answer to what came before was an error.
   */
  async #enterWith(statement: PreparedStatement | undefined, named = true): Promise<boolean> {
    await this.#runner.enter(statement?.command)
    if (this.#skipping) return false
    if (!statement || !named) return true
    const { upstream, unnamedOwner } = this.#runner.lane
    const isThere =
      statement.serverName === '' ? unnamedOwner === this.#session : upstream.prepared.has(statement.serverName)
    if (!isThere) this.#prepare(statement, true)
    return true
  }

  #prepare(statement: PreparedStatement, hidden: boolean, undo?: (skipped: boolean) => void): void {
    const { lane } = this.#runner
    const { prepared } = lane.upstream
    const { serverName, frame } = statement
    if (serverName === '') {
      lane.unnamedOwner = this.#session
      this.#conversation.ask(frame, { hidden, undo: skipped => undo?.(skipped) })
      return
    }
    if (prepared.has(serverName)) this.#conversation.ask(closeStatement(serverName), { hidden: true })
    prepared.add(serverName)
    this.#conversation.ask(frame, {
      hidden,
      undo: skipped => {
        prepared.delete(serverName)
        undo?.(skipped)
      },
    })
  }

  /** Waits for the answers to what was sent, so that our own comes in its place. False if one of them was an error. */
  async #caughtUp(): Promise<boolean> {
    await this.#conversation.untilAnswered()
    return !this.#skipping
  }
}
