/** Takes a session's statements to the server: its turn, its settings, its guard. */
import { answer, isAnswered } from './answered-commands.ts'
import { configuredBy } from './configured.ts'
import type { Conversation } from './conversation.ts'
import type { Endpoint } from './endpoint.ts'
import { explainError } from './explain-error.ts'
import type { Lane } from './lane.ts'
import { OwnConnections } from './own-connections.ts'
import type { Session } from './session.ts'
import { canceledStatement, failedTransaction, SessionError } from './session-error.ts'
import { SessionRecord } from './session-record.ts'
import { type Outcome, onlyInTransaction } from './session-transaction.ts'
import { SessionWork } from './session-work.ts'
import { noSettings, statementsToApply } from './settings.ts'
import type { Command } from './sql/command.ts'
import type { Script } from './sql/script.ts'
import { SqlNames } from './sql-names.ts'
import type { Run } from './startup-check.ts'
import type { PreparedStatement } from './statement-names.ts'
import { Backend, type ErrorFields, noticeResponse, type TransactionStatus } from './wire/backend.ts'
import { query, sync } from './wire/frontend.ts'

/** What makes a server's transaction fail. */
const faultyQuery = query('the sandbox has refused a message')

export class StatementRunner {
  readonly record: SessionRecord
  readonly #session: Session
  readonly #endpoint: Endpoint
  readonly #conversation: Conversation
  #lane: Lane | undefined
  readonly #own: OwnConnections
  /** A lock beside the shared transaction has failed, and the transaction has to. */
  #owesFailure = false
  #ownExchange: Promise<unknown> | undefined
  #entering = false
  #canceled = false
  #failed = false
  #guardLost = false
  readonly #guardAnswers = {
    hidden: true,
    answers: 2,
    undo: () => {
      this.#guardLost = true
    },
  }
  #settingsUndone = false
  #lastTag = ''
  readonly #sqlNames: SqlNames
  readonly #work: SessionWork
  #reports: Buffer[] = []
  #discarded = false

  constructor(session: Session, endpoint: Endpoint, conversation: Conversation) {
    this.#session = session
    this.#endpoint = endpoint
    this.#conversation = conversation
    this.record = new SessionRecord(session.id)
    this.#own = new OwnConnections(session, endpoint)
    this.#work = new SessionWork(session, this.record, endpoint)
    this.#sqlNames = new SqlNames(this.record.statements, conversation)
  }

  /** It has a transaction, a turn or a place in the queue. */
  get isActive(): boolean {
    return this.record.transaction.status !== 'I' || this.#holdsTurn || this.#endpoint.turns.isWaiting(this.#session)
  }

  /** The session uses a connection of its own. */
  get isDirect(): boolean {
    return this.#own.isDirect(this.#lane)
  }

  /** The session speaks to the server by the connection that all share. */
  get isShared(): boolean {
    return !this.isDirect && !this.#isBeside
  }

  /** A statement of this unit has failed. */
  get hasFailed(): boolean {
    return this.#failed
  }

  get #holdsTurn(): boolean {
    return this.#endpoint.turns.holder === this.#session
  }

  get #isBeside(): boolean {
    return this.#own.isBeside(this.#lane)
  }

  get lane(): Lane {
    if (!this.#lane) throw new Error('The session has not entered a lane.')
    return this.#lane
  }

  /** Is this command answered here, and not by the server? `alone`: it is all that its message has. */
  answers(command: Command, alone: boolean): boolean {
    return isAnswered(command, this.record, this.#endpoint.mode, alone)
  }

  /** What a server refuses the whole text for, before it runs any of it. */
  faultOf(script: Script): Promise<ErrorFields | undefined> {
    // The connection that is asked reads strings as is usual.
    return this.record.lexicalOptions ? Promise.resolve(undefined) : this.#endpoint.syntax.faultOf(script)
  }

  /** What a server says before it runs a command that has no effect outside a transaction. */
  warningFor(command: Command, alone: boolean): ErrorFields | undefined {
    if (this.record.transaction.status !== 'I' || this.#endpoint.mode === 'direct' || !alone) return undefined
    if (command.kind === 'set' && command.scope === 'local') return onlyInTransaction('SET LOCAL')
    return command.kind === 'set constraints' ? onlyInTransaction('SET CONSTRAINTS') : undefined
  }

  /**
   * Answers a command that it `answers`; before, everything that was sent has been answered. `alone`: as there. Rejects
   * with a SessionError where a server would refuse it.
   */
  async answer(command: Command, sql: string, alone: boolean): Promise<Outcome> {
    if (command.kind === 'begin' || command.kind === 'listen') this.#refuseWhenClosed()
    if (this.#conversation.inExtendedQuery && this.#isBeside) await this.#leaveLane()
    const { mode, listeners } = this.#endpoint
    const outcome = answer(command, sql, this.record, { mode, alone, heard: listeners.size > 0 })
    this.#work.followChannels()
    if (outcome.notice) this.#conversation.frame(Backend.NoticeResponse, noticeResponse(outcome.notice))
    if (outcome.end === 'release') await this.#commit()
    const { run, perform } = outcome
    if (run !== undefined || perform) {
      await this.enter()
      await this.#conversation.untilAnswered()
      if (run !== undefined) await this.#run(run)
      await perform?.(sql => this.#run(sql))
    }
    if (outcome.end) {
      this.#endGuard(outcome.end)
      await this.#endSide(outcome.end)
    }
    if (command.kind === 'discard') await this.#own.closeSide()
    return outcome
  }

  /** Whether the command runs beside the shared transaction, and not in one message with others. */
  runsBeside(command: Command | undefined): boolean {
    return command?.kind === 'advisory lock' && this.#endpoint.mode !== 'direct'
  }

  /**
   * Makes ready for a statement that the server is to run: at once, as a rule, or when the promise resolves. Throws, or
   * rejects with, a SessionError if it may not run.
   */
  enter(command?: Command): Promise<void> | undefined {
    this.#stopWhenEnded()
    this.#refuseWhenClosed()
    this.#refuseWhenFailed()
    const beside = this.runsBeside(command)
    if (beside || !this.#canEnterAtOnce) return this.#enterInTime(beside)
    if (!this.#holdsTurn) this.#endpoint.turns.take(this.#session)
    this.#useShared()
    this.#setGuard()
    return undefined
  }

  /** Nothing has to be waited for: the turn is free, and what the session is holds on the shared connection already. */
  get #canEnterAtOnce(): boolean {
    const { mode, transaction, turns } = this.#endpoint
    if (mode !== 'transaction' || transaction.upstream.lost || this.#owesFailure || this.#isBeside) return false
    if (this.#holdsTurn && transaction.guarded) return true
    return turns.holder === undefined && transaction.applied === this.record.settings
  }

  async #enterInTime(beside: boolean): Promise<void> {
    if (this.#conversation.inExtendedQuery && beside !== this.#isBeside) await this.#leaveLane()
    this.#entering = true
    this.#canceled = false
    try {
      if (this.#endpoint.mode === 'direct') await this.#enterDirect()
      else if (beside) await this.#enterBeside()
      else await this.#enterShared()
    } finally {
      this.#entering = false
    }
    if (this.#canceled) throw canceledStatement()
  }

  /** Cancels the statement that runs or is about to. Resolves when nothing later can be hit. */
  async cancel(): Promise<void> {
    if (!this.#entering) return this.#conversation.cancel()
    this.#canceled = true
    this.#endpoint.turns.remove(this.#session, canceledStatement())
  }

  /** The text of a Query with the statements that it prepares and executes by the names of the server; they are made ready. */
  nameInText(script: Script, from: number, to: number): string | undefined {
    return this.#sqlNames.inText(script, from, to, this.lane.upstream)
  }

  /** The same for a single statement. */
  nameInStatement(script: Script): string | undefined {
    return this.#sqlNames.inStatement(script)
  }

  /** Makes ready what the statement names itself, before it is executed. */
  makeReady(statement: PreparedStatement): void {
    this.#sqlNames.makeReady(statement, this.lane.upstream)
  }

  /** A statement was sent: what it means for the session's settings and statements. */
  note(command: Command, sql: string): void {
    this.record.note(command, sql)
    const forgets = command.kind === 'deallocate' || (command.kind === 'discard' && command.what === 'all')
    if (!forgets || this.#endpoint.mode !== 'direct') return
    this.lane.upstream.prepared.clear()
    if (command.kind === 'discard') this.#discarded = true
    else this.record.statements.clear()
  }

  /** The client has its answers, or a COPY waits for its data: if it holds the turn, the others' patience counts. */
  rests(): void {
    if (this.#holdsTurn) this.#endpoint.turns.holderIsIdle()
  }

  /** The client has sent a piece of a COPY. */
  works(): void {
    if (this.#holdsTurn) this.#endpoint.turns.holderIsBusy()
  }

  completed(tag: string): void {
    this.#lastTag = tag
    if (tag === 'PREPARE') this.#sqlNames.prepared()
    if (this.isDirect) return
    this.#endpoint.transaction.completed(tag)
    this.record.completed(tag, this.#session.lastStatement)
  }

  /** Whether a notice is a template's word on what a function has set; it is for nobody else. */
  configured(notice: Buffer): boolean {
    const call = configuredBy(notice)
    if (call) this.record.log.noteCall(call)
    return call !== undefined
  }

  /** The server may still refuse what the session has done, where a server would commit it. */
  get mayFailToCommit(): boolean {
    return this.record.transaction.status === 'I' && this.#isGuarded && this.#endpoint.transaction.mayHaveChecks
  }

  /** The server's error with what to do about it, where the sandbox is the reason. */
  explain(error: Buffer): Buffer {
    const restored = this.#sqlNames.restore(this.record.statements.restoreNames(error))
    return this.isDirect ? restored : explainError(restored, this.record.transaction.status)
  }

  /** The statement failed. */
  failed(): void {
    this.#failed = true
  }

  /** The sandbox refused what a server would have refused, so that the server's transaction has to fail as well. */
  async refused(): Promise<void> {
    const { transaction } = this.record
    const isOpen = transaction.status === 'T'
    this.#failed = true
    transaction.fail()
    const lane = this.isDirect ? this.#lane : this.#endpoint.transaction
    if (!lane || lane.upstream.lost) return
    // Outside a transaction, the guard undoes the whole series; without one, the server has to. So it has where the series
    // has changed settings, or it would report them.
    const undoneLater = !isOpen && this.record.log.isEmpty
    if (this.isDirect ? !isOpen && !this.#conversation.inExtendedQuery : undoneLater || !this.#isGuarded) {
      return
    }
    lane.unnamedOwner = undefined
    const { status } = await this.#exclusively(lane.upstream.exchange(faultyQuery))
    lane.upstream.receiver = this.#conversation
    this.follow(status)
  }

  /** Asks the server on the session's behalf, in the shared transaction; what was done is undone. Undefined without one. */
  async askInTransaction<T>(ask: (run: Run) => Promise<T>): Promise<T | undefined> {
    if (this.#endpoint.mode !== 'transaction') return undefined
    await this.enter()
    await this.#conversation.untilAnswered()
    try {
      return await ask(sql => this.#run(sql))
    } finally {
      this.#failed = true
      await this.settle()
      this.finish()
    }
  }

  /** Resolves when the session has no request of the sandbox's own under way. */
  async leavesAlone(): Promise<void> {
    await this.#ownExchange?.catch(() => undefined)
  }

  /** Follows the server's status byte. Throws if it shows that the shared transaction is no more. */
  follow(status: TransactionStatus): void {
    if (this.isDirect) {
      this.record.transaction.follow(status)
      return
    }
    if (this.#isBeside) {
      this.#followSide(status)
      return
    }
    if (status === 'I' || this.#guardLost) throw this.#endpoint.escaped(this.#session)
    if (this.record.transaction.status !== 'I') this.record.transaction.follow(status)
    else if (status === 'E') this.#failed = true
  }

  /**
   * Before the client sees ReadyForQuery: a series without a Sync is ended, for instance when the Query behind it was
   * answered here; what was done outside a transaction is committed; and settings that a rollback has undone are undone
   * now, since the server reports some of them. Everything else can wait for the next statement.
   * Undefined when nothing of this is to be done. Rejects with a SessionError when the server refuses the commit.
   */
  settle(): Promise<void> | undefined {
    const ended = this.record.transaction.status === 'I'
    const isSettled = !this.#conversation.inExtendedQuery && !(ended && this.#isGuarded && this.#work.hasToCommit)
    if (isSettled && !this.#settingsUndone && !this.#discarded && this.#reports.length === 0) return undefined
    return this.#settleInTime()
  }

  async #settleInTime(): Promise<void> {
    if (this.#conversation.inExtendedQuery) this.follow(await this.#conversation.untilReady(sync))
    if (this.record.transaction.status === 'I') await this.#commit()
    await this.#undoSettings()
    if (this.#discarded) await this.#discard()
    for (const report of this.#reports) this.#conversation.frame(Backend.ParameterStatus, report)
    this.#reports = []
  }

  // DISCARD ALL on a connection of the session's own, which does not know what the session has begun with.
  async #discard(): Promise<void> {
    this.#discarded = false
    if (this.#failed || !this.isDirect) return
    this.record.discard()
    const statements = statementsToApply(noSettings, this.record.settings)
    if (statements.length > 0) await this.#run(statements.join('; '))
  }

  async #undoSettings(): Promise<void> {
    if (!this.#settingsUndone) return
    this.#settingsUndone = false
    const { transaction } = this.#endpoint
    if (!this.#holdsTurn || transaction.guarded) return
    for (const message of transaction.finishGuard()) this.#conversation.ask(message, { hidden: true, answers: 2 })
    this.follow(await this.#conversation.untilReady(sync))
  }

  /** The client is about to see ReadyForQuery: outside a transaction, what it did is kept or undone and others go on. */
  finish(): TransactionStatus {
    const { status } = this.record.transaction
    if (status !== 'I') {
      this.rests()
      this.#failed = false
      return status
    }
    const undone = this.#failed || (this.isDirect && this.#lastTag === 'ROLLBACK')
    this.#endGuard(undone ? 'rollback' : 'release')
    this.#failed = false
    this.#lastTag = ''
    this.#sqlNames.finish()
    if (this.#isBeside) this.#lane = undefined
    this.#passTurn()
    return status
  }

  /** The session is over: whatever it had open is undone. */
  drop(): void {
    this.record.transaction.reset()
    this.#endGuard('rollback')
    this.#endpoint.listeners.delete(this.#session)
    this.#endpoint.transaction.abandon(this.record.statements.prefix)
    this.#passTurn()
    this.#own.drop()
  }

  /** Gives up the connections that are the session's own, with its locks; it gets others where it next needs them. */
  async closeOwn(): Promise<void> {
    if (this.isDirect) this.record.transaction.reset()
    if (this.isDirect || this.#isBeside) this.#lane = undefined
    await this.#own.close()
  }

  async #enterDirect(): Promise<void> {
    this.#lane = await this.#exclusively(this.#own.enterDirect(this.record))
    this.#conversation.attach(this.#lane.upstream)
  }

  async #enterBeside(): Promise<void> {
    this.#lane = await this.#exclusively(this.#own.enterBeside(this.record))
    this.#conversation.attach(this.#lane.upstream)
    // It may wait for a lock whose holder waits for its turn.
    this.rests()
  }

  #followSide(status: TransactionStatus): void {
    this.#own.followSide(status)
    if (status !== 'E') return
    this.record.transaction.fail()
    this.#owesFailure = this.#isGuarded
  }

  async #endSide(outcome: 'release' | 'rollback'): Promise<void> {
    this.#owesFailure = false
    if (this.#own.hasSide) await this.#exclusively(this.#own.endSide(outcome))
  }

  /** In one series of messages, goes on by another connection. */
  async #leaveLane(): Promise<void> {
    await this.#conversation.untilAnswered()
    this.follow(await this.#conversation.untilReady(sync))
  }

  async #enterShared(): Promise<void> {
    const { turns, transaction } = this.#endpoint
    if (!this.#holdsTurn) {
      const turn = turns.take(this.#session)
      if (turn) await turn
      this.#stopWhenEnded()
      this.#refuseWhenClosed()
    }
    this.#useShared()
    if (transaction.upstream.lost) throw this.#endpoint.lost(transaction.upstream.lost)
    if (this.#owesFailure) {
      this.#owesFailure = false
      await this.#exclusively(transaction.upstream.exchange(faultyQuery))
      transaction.unnamedOwner = undefined
    }
    if (!transaction.guarded && transaction.applied !== this.record.settings) {
      await this.#exclusively(transaction.apply(this.record.settings))
    }
    this.#setGuard()
  }

  #useShared(): void {
    this.#endpoint.turns.holderIsBusy()
    this.#lane = this.#endpoint.transaction
  }

  /** What the session says goes to the shared connection, behind the guard. */
  #setGuard(): void {
    const { transaction, listeners } = this.#endpoint
    this.#conversation.attach(transaction.upstream)
    if (transaction.guarded) return
    const messages = transaction.openGuard({ access: this.record.access, heard: listeners.size > 0 })
    for (const message of messages) this.#conversation.ask(message, this.#guardAnswers)
  }

  #refuseWhenClosed(): void {
    if (this.#endpoint.mode === 'closed') throw this.#endpoint.closedError()
  }

  // The server itself refuses what comes after an error, unless it has seen nothing of the transaction.
  #refuseWhenFailed(): void {
    if (this.record.transaction.status !== 'E' || this.#endpoint.mode === 'direct') return
    if (!this.#holdsTurn || !this.#endpoint.transaction.guarded) throw failedTransaction()
  }

  // The client may go while the session waits for something; nothing may be begun after its end.
  #stopWhenEnded(): void {
    if (this.#session.hasEnded) throw new Error('The session has ended.')
  }

  /** Waits for a request of the sandbox's own, in whose answer nobody may break in. */
  async #exclusively<T>(exchange: Promise<T>): Promise<T> {
    this.#ownExchange = exchange
    try {
      return await exchange
    } finally {
      this.#ownExchange = undefined
      this.#stopWhenEnded()
    }
  }

  get #isGuarded(): boolean {
    return !this.isDirect && this.#holdsTurn && this.#endpoint.transaction.guarded
  }

  /** Does what a COMMIT does on a server, unless the transaction has failed. Rejects if it fails; all is undone then. */
  async #commit(): Promise<void> {
    if (this.#failed || !this.#isGuarded || this.record.transaction.status === 'E') return
    try {
      await this.#work.commit(sql => this.#run(sql))
    } catch (error) {
      if (!(error instanceof SessionError)) throw error
      this.#failed = true
      this.record.transaction.reset()
      this.#endGuard('rollback')
      await this.#endSide('rollback')
      throw error
    }
  }

  /** Runs statements of the sandbox's own under the session's guard. Rejects with what the server refuses them with. */
  async #run(sql: string): Promise<(string | null)[][]> {
    const lane = this.isDirect ? this.lane : this.#endpoint.transaction
    this.#lane = lane
    lane.unnamedOwner = undefined
    const { status, error, rows, notices, reports } = await this.#exclusively(lane.upstream.exchange(query(sql)))
    this.#conversation.attach(lane.upstream)
    for (const notice of notices) if (!this.configured(notice)) this.#conversation.notice(notice)
    this.#reports.push(...reports)
    this.follow(status)
    if (error) throw SessionError.from(error)
    return rows
  }

  #endGuard(outcome: 'release' | 'rollback'): void {
    const isGuarded = this.#isGuarded
    const lane = this.isDirect ? this.#lane : isGuarded ? this.#endpoint.transaction : undefined
    this.#settingsUndone = isGuarded && outcome === 'rollback' && this.#work.hasSettings
    this.#work.end(outcome, lane)
    if (isGuarded) this.#endpoint.transaction.closeGuard(outcome)
  }

  #passTurn(): void {
    if (!this.#holdsTurn) return
    this.#lane = undefined
    this.#endpoint.turns.pass()
  }
}
