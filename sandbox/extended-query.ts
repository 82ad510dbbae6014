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

export type ClientFrame = { type: number; bytes: Buffer }

/** What an unknown statement is: the server will say that it does not exist. */
const unknownCommand: Command = { kind: 'other', verb: '' }

/** Does the command end a transaction, also one that has failed? */
const endsTransaction = ({ kind }: Command): boolean => kind === 'commit' || kind === 'rollback'

/** `answered`: its command is answered here; `done`: it was. */
type Portal = { statement: PreparedStatement; answered: boolean; done: boolean }

export class ExtendedQuery {
  readonly #session: { lastStatement: string; runs(sql: string): void }
  readonly #runner: StatementRunner
  readonly #conversation: Conversation
  readonly #scripts: ScriptCache
  readonly #reply: (bytes: Buffer) => void
  readonly #portals = new Map<string, Portal>()
  /** After an error, messages are dropped up to the next Sync, as a server does. */
  #skipping = false
  /** Since the last Sync or transaction command nothing was executed: a server takes what comes for all that there is. */
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
    if (!this.#conversation.inExtendedQuery) return
    this.#closePortals()
    this.#runner.follow(await this.#conversation.untilReady(sync))
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
    const script = this.#scripts(sql, this.#runner.record.lexicalOptions)
    const single = script.statements.length === 1 ? script.statements[0] : undefined
    const command = (single && script.commands[0]) ?? unknownCommand
    const { statements, transaction } = this.#runner.record
    const serverName = statements.serverName(name)
    const named = name === '' ? bytes : replaceString(bytes, 5, serverName)
    const renamed = single && this.#runner.nameInStatement(script)
    const frame = renamed === undefined ? named : replaceString(named, readString(named, 5).next, renamed)
    const names = single && script.names[0]
    const statement: PreparedStatement = { serverName, frame, command, sql: single?.text ?? sql, names }
    const known = name === '' ? undefined : statements.get(name)
    if (this.#answers(command)) {
      if (transaction.status === 'E' && !endsTransaction(command)) throw failedTransaction()
      if (known) throw new SessionError('42P05', `prepared statement "${name}" already exists`)
      if (!(await this.#caughtUp())) return
      statements.set(name, { ...statement, isUnsent: true })
      this.#reply(parseComplete)
      return
    }
    await this.#runner.enter(command)
    if (this.#skipping) return
    if (command.kind !== 'prepare') this.#runner.makeReady(statement)
    if (known) {
      // The server refuses it, for its text or else for its name.
      if (!this.#runner.lane.upstream.prepared.has(serverName)) this.#prepare(known, true)
      this.#conversation.ask(frame)
      return
    }
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
    const answered = this.#answers(statement.command)
    if (answered) {
      if (!(await this.#caughtUp())) return
      this.#refuseBind(bytes, name, statement)
    }
    this.#portals.set(portal, { statement, answered, done: false })
    if (answered) {
      this.#reply(bindComplete)
      return
    }
    if (this.#mayBeCursor(portal)) this.#runner.record.mayHaveCursors = true
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
    const portal = kind === 'S' ? undefined : this.#portal(name)
    const statement = kind === 'S' ? this.#known(name) : portal?.statement
    if (statement && (portal?.answered ?? this.#answers(statement.command))) {
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
    const name = readExecute(bytes)
    const portal = this.#portal(name)
    const statement = portal?.statement
    const command = statement?.command ?? unknownCommand
    if (statement) this.#session.runs(statement.sql)
    if (portal?.answered && statement) {
      if (!(await this.#caughtUp())) return
      if (portal.done) throw new SessionError('55000', `portal "${name}" cannot be run`)
      const { tag, row } = await this.#runner.answer(command, statement.sql, this.#isFirst)
      portal.done = true
      this.#isFirst = endsTransaction(command) || command.kind === 'begin' || command.kind === 'discard'
      if (row) this.#reply(textRow(row.value))
      this.#reply(commandComplete(tag))
      return
    }
    const warning = this.#runner.warningFor(command, this.#isFirst)
    if (warning && (await this.#caughtUp())) this.#reply(noticeResponse(warning))
    await this.#runner.enter(command)
    if (this.#skipping) return
    if (statement) this.#runner.makeReady(statement)
    // An empty statement does not count.
    if (command !== unknownCommand) this.#isFirst = false
    this.#conversation.ask(bytes, { copies: command.kind === 'copy' && command.direction === 'in' })
    if (statement && command.kind !== 'other') this.#runner.note(command, statement.sql)
  }

  async #close(bytes: Buffer): Promise<void> {
    const { kind, name } = readTarget(bytes)
    const portal = kind === 'P' ? this.#portals.get(name) : undefined
    const isThere = portal ? !portal.answered : kind === 'P' && this.#mayBeCursor(name)
    // What the server never saw, or no longer has, needs no message. A statement is closed there before its name is used again.
    if (!isThere) {
      if (!(await this.#caughtUp())) return
      if (kind === 'S') this.#runner.record.statements.delete(name)
      else this.#portals.delete(name)
      this.#reply(closeComplete)
      return
    }
    this.#portals.delete(name)
    await this.#runner.enter(portal?.statement.command)
    if (this.#skipping) return
    this.#conversation.ask(bytes)
  }

  /** Outside a transaction, portals end with their series; the shared transaction would keep them open. */
  #closePortals(): void {
    if (this.#skipping || !this.#runner.isShared || this.#runner.record.transaction.status !== 'I') return
    for (const [name, { answered }] of this.#portals) {
      if (name !== '' && !answered) this.#conversation.ask(closePortal(name), { hidden: true })
    }
  }

  #answers(command: Command): boolean {
    return this.#runner.answers(command, this.#isFirst)
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

  #known(name: string): PreparedStatement {
    const statement = this.#runner.record.statements.get(name)
    if (statement) return statement
    const subject = name === '' ? 'unnamed prepared statement' : `prepared statement "${name}"`
    throw new SessionError('26000', `${subject} does not exist`)
  }

  /** What a portal runs; undefined for one that may be a cursor of the transaction. */
  #portal(name: string): Portal | undefined {
    const portal = this.#portals.get(name)
    if (portal || this.#mayBeCursor(name)) return portal
    throw new SessionError('34000', `portal "${name}" does not exist`)
  }

  #mayBeCursor(name: string): boolean {
    return name !== '' && this.#runner.record.transaction.status !== 'I'
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
    if (!isThere || statement.isUnsent) this.#prepare(statement, true)
    return true
  }

  #prepare(statement: PreparedStatement, hidden: boolean, undo?: (skipped: boolean) => void): void {
    const { lane } = this.#runner
    const { prepared } = lane.upstream
    const { serverName, frame } = statement
    statement.isUnsent = false
    if (serverName === '') {
      lane.unnamedOwner = this.#session
      this.#conversation.ask(frame, {
        hidden,
        undo: skipped => {
          lane.unnamedOwner = undefined
          undo?.(skipped)
        },
      })
      return
    }
    const wasThere = prepared.has(serverName)
    if (wasThere) this.#conversation.ask(closeStatement(serverName), { hidden: true })
    prepared.add(serverName)
    this.#conversation.ask(frame, {
      hidden,
      undo: skipped => {
        // If the Parse was skipped, so was the Close before it.
        if (!(skipped && wasThere)) prepared.delete(serverName)
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
