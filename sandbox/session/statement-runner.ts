/** Takes a session's statements to the server: its turn, its settings, its guard. */

import { SessionLane } from '../execution/route.ts'
import type { Endpoint } from '../execution/session-context.ts'
import type { Client } from '../execution/session-handle.ts'
import { commandPreparedBy, SqlNames } from '../execution/sql-prepared-statements.ts'
import { SessionWork } from '../execution/unit-of-work.ts'
import { OwnCommands } from '../intercept/intercept.ts'
import type { ErrorFields, TransactionStatus } from '../protocol/backend-messages.ts'
import { sync } from '../protocol/frontend-messages.ts'
import { SessionError } from '../protocol/pg-error.ts'
import type { Conversation } from '../server/request-pipeline.ts'
import type { Lane } from '../server/server-route.ts'
import type { Command } from '../sql/commands/command.ts'
import type { Renamed } from '../sql/rename-statements.ts'
import type { Run } from '../sql/run-sql.ts'
import type { Script } from '../sql/script.ts'
import { Forgetting } from '../state/deallocate-all.ts'
import { SessionRecord } from '../state/session-state.ts'
import { configuredBy } from '../state/settings/set-config-notice.ts'
import { noSettings, statementsToApply } from '../state/settings/settings.ts'
import { explainError } from '../transaction/error-hints.ts'

export class StatementRunner {
  readonly record: SessionRecord
  /** The statements that the session names in SQL. */
  readonly names: SqlNames
  /** The commands that are answered here. */
  readonly own: OwnCommands
  readonly #session: Client
  readonly #endpoint: Endpoint
  readonly #conversation: Conversation
  readonly #lane: SessionLane
  #lastTag = ''
  readonly #work: SessionWork
  readonly #forgetting: Forgetting
  #discarded = false

  constructor(session: Client, endpoint: Endpoint, conversation: Conversation) {
    this.#session = session
    this.#endpoint = endpoint
    this.#conversation = conversation
    this.record = new SessionRecord(session.id)
    this.#lane = new SessionLane(session, endpoint, conversation, this.record, status => this.follow(status))
    this.#work = new SessionWork(session, this.record, endpoint, this.#lane)
    this.own = new OwnCommands({
      ...{ endpoint, conversation, record: this.record, lane: this.#lane, work: this.#work },
      run: sql => this.#run(sql),
    })
    this.#forgetting = new Forgetting(this.record.statements)
    this.names = new SqlNames(this.record.statements, conversation)
  }

  /** It has a transaction, a turn or a place in the queue. */
  get isActive(): boolean {
    const { turns } = this.#endpoint
    return this.record.transaction.status !== 'I' || this.#lane.holdsTurn || turns.isWaiting(this.#session)
  }

  /** The session uses a connection of its own. */
  get isDirect(): boolean {
    return this.#lane.isDirect
  }

  /** The session speaks to the server by the connection that all share. */
  get isShared(): boolean {
    return !this.isDirect && !this.#lane.isBeside
  }

  /** A statement of this unit has failed. */
  get hasFailed(): boolean {
    return this.#work.hasFailed
  }

  /** Where the session's statements go. Throws if it has not entered. */
  get lane(): Lane {
    return this.#lane.entered
  }

  /** What a server refuses the whole text for, before it runs any of it. */
  faultOf(script: Script): Promise<ErrorFields | undefined> {
    return this.#endpoint.syntax.faultOf(script, this.record.lexicalOptions)
  }

  /** Whether the command runs beside the shared transaction, and not in one message with others. */
  runsBeside(command: Command | undefined): boolean {
    return this.#lane.runsBeside(command)
  }

  /**
   * Makes ready for a statement that the server is to run: at once, as a rule, or when the promise resolves. Throws, or
   * rejects with, a SessionError if it may not run.
   */
  enter(command?: Command): Promise<void> | undefined {
    return this.#lane.enter(command)
  }

  /** Cancels the statement that runs or is about to. Resolves when nothing later can be hit. */
  cancel(): Promise<void> {
    return this.#lane.cancel()
  }

  /** A statement was sent: what it means for the session's settings and statements. */
  note(command: Command, sql: string): void {
    this.record.note(this.own.meantBy(command), this.own.executedBy(command)?.sql ?? sql)
    // The same text may execute it.
    if (command.kind === 'prepare') this.record.note(commandPreparedBy(sql), sql)
    const forgets =
      (command.kind === 'deallocate' && command.name === null) || (command.kind === 'discard' && command.what === 'all')
    if (forgets && this.#endpoint.mode === 'direct') this.#forgetting.sent(this.lane.upstream.prepared)
  }

  /** The client has its answers, or a COPY waits for its data: if it holds the turn, the others' patience counts. */
  rests(): void {
    this.#lane.rests()
  }

  /** The client has sent a piece of a COPY. */
  works(): void {
    this.#lane.works()
  }

  completed(tag: string): void {
    this.#lastTag = tag
    if (tag === 'PREPARE') this.names.prepared()
    else if (tag === 'SAVEPOINT' || tag === 'RELEASE' || tag === 'ROLLBACK') this.record.movedSavepoints()
    if (this.isDirect) {
      this.#forgetting.completed(tag)
      if (tag === 'DISCARD ALL') this.#discarded = true
      return
    }
    this.#endpoint.transaction.completed(tag)
    this.record.completed(tag)
  }

  /** Whether a notice is a template's word on what a function has set; it is for nobody else. */
  configured(notice: Buffer): boolean {
    const call = configuredBy(notice)
    if (call) this.record.log.noteCall(call)
    return call !== undefined
  }

  /** The server may still refuse what the session has done, where a server would commit it. */
  get mayFailToCommit(): boolean {
    return this.record.transaction.status === 'I' && this.#lane.isGuarded && this.#endpoint.transaction.mayHaveChecks
  }

  /** The server's error with what to do about it, where the sandbox is the reason; `renamed`: how its text was changed. */
  explain(error: Buffer, renamed: Renamed | undefined): Buffer {
    const restored = this.names.restore(this.record.statements.restoreNames(error), renamed)
    return this.isDirect ? restored : explainError(restored, this.record.transaction.status)
  }

  /** The statement failed. */
  failed(): void {
    this.#work.hasFailed = true
    this.record.failed()
    this.#forgetting.failed()
  }

  /** The sandbox refused what a server would have refused, so that the server's transaction has to fail as well. */
  async refused(): Promise<void> {
    const { transaction } = this.record
    const isOpen = transaction.status === 'T'
    this.#work.hasFailed = true
    transaction.fail()
    // Outside a transaction, the guard undoes the whole series; without one, the server has to. So it has where the series
    // has changed settings, or it would report them.
    const undoneLater = !isOpen && this.record.log.isEmpty
    if (this.isDirect ? !isOpen && !this.#conversation.inExtendedQuery : undoneLater || !this.#lane.isGuarded) {
      return
    }
    const answer = await this.#lane.fail()
    if (!answer) return
    for (const report of answer.reports) this.record.reported(report)
    this.follow(answer.status)
  }

  /** Asks the server on the session's behalf, in the shared transaction; what was done is undone. Undefined without one. */
  async askInTransaction<T>(ask: (run: Run) => Promise<T>): Promise<T | undefined> {
    if (this.#endpoint.mode !== 'transaction') return undefined
    await this.enter()
    await this.#conversation.untilAnswered()
    try {
      return await ask(sql => this.#run(sql))
    } finally {
      this.#work.hasFailed = true
      await this.settle()
      this.finish()
    }
  }

  /** Resolves when the session has no request of the sandbox's own under way: what it would have to wait for is cancelled. */
  leavesAlone(): Promise<void> {
    return this.#lane.leavesAlone()
  }

  /** Follows the server's status byte. Throws if it shows that the shared transaction is no more. */
  follow(status: TransactionStatus): void {
    if (!this.#lane.follow(status)) return
    if (this.isDirect || this.record.transaction.status !== 'I') this.record.transaction.follow(status)
    else if (status === 'E') this.#work.hasFailed = true
  }

  /**
   * Before the client sees ReadyForQuery: a series without a Sync is ended, for instance when the Query behind it was
   * answered here; what was done outside a transaction is committed; and settings that a rollback has undone are undone
   * now, since the server reports some of them. Everything else can wait for the next statement.
   * Undefined when nothing of this is to be done. Rejects with a SessionError when the server refuses the commit.
   */
  settle(): Promise<void> | undefined {
    if (!this.#conversation.inExtendedQuery && this.#work.isSettled && !this.#discarded) return undefined
    return this.#settleInTime()
  }

  async #settleInTime(): Promise<void> {
    if (this.#conversation.inExtendedQuery) this.follow(await this.#conversation.untilReady(sync))
    if (this.record.transaction.status === 'I') await this.#work.commit(sql => this.#run(sql))
    await this.#work.settleSettings()
    if (this.#discarded) await this.#discard()
  }

  // DISCARD ALL on a connection of the session's own, which does not know what the session has begun with.
  async #discard(): Promise<void> {
    this.#discarded = false
    if (this.#work.hasFailed || !this.isDirect) return
    this.record.discard()
    const statements = statementsToApply(noSettings, this.record.settings)
    if (statements.length > 0) await this.#run(statements.join('; '))
  }

  /** The client is about to see ReadyForQuery: outside a transaction, what it did is kept or undone and others go on. */
  finish(): TransactionStatus {
    const { status } = this.record.transaction
    this.names.finish()
    if (status !== 'I') {
      this.rests()
      this.#work.hasFailed = false
      return status
    }
    const undone = this.#work.hasFailed || (this.isDirect && this.#lastTag === 'ROLLBACK')
    this.#work.end(undone ? 'rollback' : 'release', true)
    this.record.transaction.settled()
    this.#work.hasFailed = false
    this.#lastTag = ''
    this.#lane.leave()
    return status
  }

  /** The session is over: whatever it had open is undone. */
  drop(): void {
    this.record.transaction.reset()
    this.#work.end('rollback')
    this.#endpoint.listeners.delete(this.#session)
    this.#endpoint.transaction.abandon(this.record.statements.prefix)
    this.#lane.drop()
  }

  /** Gives up the connections that are the session's own, if any, with its locks; it gets others where it next needs them. */
  closeOwn(): Promise<void> | undefined {
    return this.#lane.closeOwn()
  }

  /** Runs statements of the sandbox's own under the session's guard. Rejects with what the server refuses them with. */
  async #run(sql: string): Promise<(string | null)[][]> {
    const { status, error, rows, notices, reports } = await this.#lane.run(sql)
    for (const notice of notices) if (!this.configured(notice)) this.#conversation.notice(notice)
    for (const report of reports) this.record.reported(report)
    this.follow(status)
    if (error) throw SessionError.from(error)
    return rows
  }
}
