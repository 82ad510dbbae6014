/** Runs the messages of the extended query protocol: Parse, Bind, Describe, Execute, Close, up to a Sync. */

import type { SessionParts } from '../execution/session-parts.ts'
import { keptBind } from '../execution/statement-observer.ts'
import { ExtendedMessages } from '../intercept/extended-messages.ts'
import type { Interceptor } from '../intercept/interceptor.ts'
import { readString } from '../protocol/frames.ts'
import {
  type ClientFrame,
  closePortal,
  Frontend,
  readBind,
  readExecute,
  readParse,
  readTarget,
  replaceString,
  replaceStringInPieces,
} from '../protocol/frontend-messages.ts'
import type { Command } from '../sql/commands/command.ts'
import { Portals } from '../state/portals.ts'
import type { PreparedStatement } from '../state/prepared-statements.ts'
import { withStandIns } from '../state/settings/withheld-value.ts'
import { outOfPlace } from './copy-in.ts'
import { ServerSidePrepare } from './server-side-prepare.ts'

/** The command of an unknown statement: the server reports that it does not exist. */
const unknownCommand: Command = { kind: 'other', verb: '' }

export class ExtendedQuery {
  readonly #parts: SessionParts
  readonly #interceptor: Interceptor
  readonly #serverSidePrepare: ServerSidePrepare
  readonly #portals: Portals
  readonly #extendedMessages: ExtendedMessages
  /** Statements whose ParameterDescription an observer waits for. */
  #described: PreparedStatement[] = []
  /** After an error, messages are discarded up to the next Sync, as on a server. */
  isSkipping = false
  /** A message of this batch may have defined constraints, which have to be put into force before the next statement. */
  #mayHaveDefined = false

  constructor(parts: SessionParts, interceptor: Interceptor, reply: (bytes: Buffer) => void) {
    this.#parts = parts
    this.#interceptor = interceptor
    this.#serverSidePrepare = new ServerSidePrepare(parts)
    this.#portals = new Portals(parts.state)
    this.#extendedMessages = new ExtendedMessages(parts, interceptor, this.#portals, reply, () => this.isSkipping)
  }

  /** At ReadyForQuery: ends the skipping after an error, and portals outside a transaction. */
  finish(): void {
    this.isSkipping = false
    this.#mayHaveDefined = false
    if (this.#described.length > 0) this.#described = []
    this.#portals.finish()
  }

  /** The server has reported an error. */
  failed(): void {
    this.isSkipping = true
  }

  /**
   * Runs messages in order; returns undefined if it is done at once. Throws, or rejects with, the SessionError of a
   * message that the sandbox refuses.
   */
  take(frames: readonly ClientFrame[]): Promise<void> | undefined {
    let at = 0
    for (const { type, bytes } of frames) {
      at++
      if (this.isSkipping) return undefined
      // A server would end the connection, which is shared with other sessions.
      if (this.#parts.pipeline.copyAsked) throw outOfPlace(type)
      const waiting = this.#mayHaveDefined ? this.#afterDefinition(type, bytes) : this.#handle(type, bytes)
      if (waiting) return waiting.then(() => this.take(frames.slice(at)))
    }
    return undefined
  }

  /** Sends the queued messages with a Flush, so that the client gets its responses without a Sync. */
  flush(): void {
    if (!this.#parts.pipeline.inExtendedQuery || this.isSkipping) return
    this.#parts.pipeline.flush()
  }

  /** Before a Sync: closes portals bound outside a transaction, since the shared transaction would keep them open. */
  closePortals(): void {
    const { pipeline, route } = this.#parts
    if (this.isSkipping || !pipeline.inExtendedQuery || !route.isShared) return
    for (const name of this.#portals.ending) pipeline.ask(closePortal(name), { hidden: true })
  }

  /** Handles a message after one that may have defined constraints. */
  #afterDefinition(type: number, bytes: Buffer): Promise<void> | undefined {
    // A query of the sandbox would close the unnamed portal.
    if (type !== Frontend.Parse && type !== Frontend.Bind) return this.#handle(type, bytes)
    this.#mayHaveDefined = false
    return this.#restate().then(() => (this.isSkipping ? undefined : this.#handle(type, bytes)))
  }

  async #restate(): Promise<void> {
    await this.#parts.pipeline.untilAnswered()
    if (!this.isSkipping) await this.#parts.work.restateConstraints()
  }

  #handle(type: number, bytes: Buffer): Promise<void> | undefined {
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
    this.#parts.session.lastStatement = sql
    const script = this.#parts.context.scripts(sql, this.#parts.state.lexicalOptions)
    if (script.mentionsTemporary) this.#parts.state.mayHaveTemporary = true
    if (script.mentionsOpen) this.#parts.context.transaction.mayOpenCursors = true
    if (script.storesStatistics) this.#parts.context.transaction.mayReadStatistics = true
    if (script.mentionsDeallocate) this.#parts.context.transaction.mayDeallocate = true
    const single = script.statements.length === 1 ? script.statements[0] : undefined
    const command = (single && script.commands[0]) ?? unknownCommand
    const { statements } = this.#parts.state
    const serverName = statements.serverName(name)
    const named = name === '' ? bytes : replaceString(bytes, 5, serverName)
    const names = single && script.names[0]
    const renamed = names && this.#parts.sqlStatements.inStatement(script)
    const rewritten = renamed ? replaceString(named, readString(named, 5).next, renamed.sql) : named
    const isDirect = this.#parts.context.mode === 'direct'
    const frame = isDirect ? rewritten : withStandIns(rewritten, script.commands, this.#parts.state)
    const readsStatistics = script.mentionsStatistics
    const text = single?.text ?? sql
    const statement: PreparedStatement = {
      serverName,
      frame,
      command,
      sql: text,
      source: sql,
      names,
      renamed,
      readsStatistics,
    }
    const known = name === '' ? undefined : statements.get(name)
    if (this.#extendedMessages.answers(command)) return this.#extendedMessages.parse(name, statement, known)
    const entering = this.#parts.route.enter(command)
    if (entering) return this.#afterEntering(entering, this.#askParse.bind(this, name, statement, known))
    this.#askParse(name, statement, known)
    return undefined
  }

  #askParse(name: string, statement: PreparedStatement, known: PreparedStatement | undefined): void {
    const { state, route, pipeline, sqlStatements } = this.#parts
    const { statements } = state
    const { serverName, frame, command, names, renamed } = statement
    state.transaction.analyzes(command)
    if (names && command.kind !== 'prepare') sqlStatements.makeReady(statement, route.entered.upstream)
    if (known) {
      // The server reports an error, for its text or else for its name.
      if (!route.entered.upstream.prepared.has(serverName)) this.#serverSidePrepare.ask(known, true)
      pipeline.ask(frame, { renamed })
      return
    }
    const before = statements.get(name)
    this.#serverSidePrepare.ask(statement, false, skipped => {
      if (skipped && before) statements.set(name, before)
      else statements.delete(name)
    })
    statements.set(name, statement)
  }

  #bind(bytes: Buffer): Promise<void> | undefined {
    const { portal, statement: name } = readBind(bytes)
    const statement = this.#parts.state.statements.find(name)
    if (this.#extendedMessages.answers(statement.command))
      return this.#extendedMessages.bind(bytes, portal, name, statement)
    const reopened = this.#portals.isNew(portal)
    const bound = this.#parts.context.observer && keptBind(bytes)
    this.#portals.bind(portal, { statement, intercepted: false, done: false, bound })
    if (this.#portals.mayBeCursor(portal)) this.#parts.state.mayHaveCursors = true
    const entering = this.#parts.route.enter(statement.command)
    const newPortal = reopened ? portal : undefined
    if (entering) return this.#afterEntering(entering, this.#askBind.bind(this, bytes, name, statement, newPortal))
    this.#askBind(bytes, name, statement, newPortal)
    return undefined
  }

  /** `newPortal`: the portal's name, if it is not known to exist. */
  #askBind(bytes: Buffer, name: string, statement: PreparedStatement, newPortal: string | undefined): void {
    const { state, context, pipeline } = this.#parts
    state.transaction.analyzes(statement.command)
    context.transaction.constraints.given(bytes)
    this.#serverSidePrepare.repeat(statement)
    // The shared transaction continues after the session's, so a portal of an ended transaction may still be open.
    if (newPortal !== undefined) pipeline.ask(closePortal(newPortal), { hidden: true })
    if (name === '') pipeline.ask(bytes)
    else {
      const at = readString(bytes, 5).next
      pipeline.ask(replaceStringInPieces(bytes, at, state.statements.serverName(name)))
    }
  }

  /** The server has described the parameters of a statement. */
  parametersDescribed(bytes: Buffer): void {
    const statement = this.#described.shift()
    if (statement) statement.parameterTypes = Buffer.from(bytes)
  }

  #describe(bytes: Buffer): Promise<void> | undefined {
    const { kind, name } = readTarget(bytes)
    const portal = kind === 'S' ? undefined : this.#portals.find(name)
    const statement = kind === 'S' ? this.#parts.state.statements.find(name) : portal?.statement
    if (statement && (portal?.intercepted ?? this.#extendedMessages.describes(statement))) {
      return this.#extendedMessages.describe(kind, statement)
    }
    const described = kind === 'S' ? statement : undefined
    const renamed = kind === 'S' && name !== '' ? this.#parts.state.statements.serverName(name) : undefined
    const entering = this.#parts.route.enter(statement?.command)
    if (entering) return this.#afterEntering(entering, this.#askDescribe.bind(this, bytes, described, renamed))
    this.#askDescribe(bytes, described, renamed)
    return undefined
  }

  /** `renamed`: the server's name of the statement, if it has one. */
  #askDescribe(bytes: Buffer, statement: PreparedStatement | undefined, renamed: string | undefined): void {
    if (statement) this.#serverSidePrepare.repeat(statement)
    if (statement && this.#parts.context.observer) this.#described.push(statement)
    this.#parts.pipeline.ask(renamed === undefined ? bytes : replaceString(bytes, 6, renamed))
  }

  #execute(bytes: Buffer): Promise<void> | undefined {
    const name = readExecute(bytes)
    const portal = this.#portals.find(name)
    const statement = portal?.statement
    const command = statement?.command ?? unknownCommand
    this.#parts.context.observer?.began(this.#parts.session, {
      sql: statement?.source ?? `-- rows of the cursor ${name}`,
      isSimpleQuery: false,
      bind: portal?.bound,
      parse: statement?.frame,
      parameterTypes: statement?.parameterTypes,
    })
    if (portal?.intercepted) return this.#extendedMessages.execute(name, portal)
    if (statement && command.kind === 'declare' && this.#interceptor.intercepts(command))
      return this.#extendedMessages.refuseDeclare(statement)
    const warning = this.#interceptor.warningFor(command)
    if (!warning) return this.#executeThere(bytes, command, statement)
    return this.#extendedMessages.warn(warning).then(warned => {
      return warned ? this.#executeThere(bytes, command, statement) : undefined
    })
  }

  #executeThere(bytes: Buffer, command: Command, statement: PreparedStatement | undefined): Promise<void> | undefined {
    const entering = this.#parts.route.enter(command)
    if (entering) return this.#afterEntering(entering, this.#askExecute.bind(this, bytes, command, statement))
    this.#askExecute(bytes, command, statement)
    return undefined
  }

  #askExecute(bytes: Buffer, command: Command, statement: PreparedStatement | undefined): void {
    const { context, route, pipeline, work, sqlStatements } = this.#parts
    if (statement?.names) sqlStatements.makeReady(statement, route.entered.upstream)
    // An empty statement does not start the implicit transaction.
    if (command !== unknownCommand) this.#interceptor.neighbours = 'batch'
    if (statement && command.kind !== 'other') work.note(command, statement.sql)
    else work.noteExecute(statement?.names)
    const { constraints, mayReadStatistics } = context.transaction
    if (statement) constraints.given(statement.sql)
    this.#mayHaveDefined ||= statement !== undefined && constraints.mayDefine(statement.sql)
    if (statement?.readsStatistics || mayReadStatistics) work.refreshStatistics()
    const copies = command.kind === 'copy' && command.direction === 'in'
    pipeline.ask(bytes, { copies, renamed: statement?.renamed })
  }

  #close(bytes: Buffer): Promise<void> | undefined {
    const { kind, name } = readTarget(bytes)
    const portal = kind === 'P' ? this.#portals.get(name) : undefined
    const isThere = portal ? !portal.intercepted : kind === 'P' && this.#portals.mayBeCursor(name)
    // The server gets no Close for what it does not have. It closes a statement before the name is reused.
    if (!isThere) return this.#extendedMessages.close(kind, name)
    this.#portals.close(name)
    const { route, pipeline } = this.#parts
    const entering = route.enter(portal?.statement.command)
    if (entering) return this.#afterEntering(entering, pipeline.ask.bind(pipeline, bytes))
    pipeline.ask(bytes)
    return undefined
  }

  /**
   * Sends a message once its command may run on the server; not after an error in an earlier response. Without a wait, no closure
   * is created, which would take a large part of the time that a message takes.
   */
  async #afterEntering(entering: Promise<void>, ask: () => void): Promise<void> {
    await entering
    if (!this.isSkipping) ask()
  }
}
