/** Follows the transaction of a session through BEGIN, COMMIT, ROLLBACK and SET TRANSACTION. */

import type { ErrorFields, TransactionStatus } from '../protocol/backend-messages.ts'
import { SessionError } from '../protocol/pg-error.ts'
import type { Command } from '../sql/commands/command.ts'
import type { Run } from '../sql/run-sql.ts'
import { SavepointLog } from './savepoint-log.ts'
import { type AccessMode, type Modes, modesIn, refuseModes } from './transaction-modes.ts'

/** The response to a command, and its effect on the guard savepoint that stands for the session's transaction. */
export type Outcome = {
  tag: string
  end?: 'release' | 'rollback'
  notice?: ErrorFields
  /** Statements to run in place of the command, under the guard. */
  run?: string
  /** Executes the command, under the guard. Rejects with a SessionError. */
  perform?: (run: Run) => Promise<void>
  row?: { column: string; value: string }
  /** The access mode to set on the server, if its transaction has begun; otherwise it begins with this one. */
  access?: AccessMode | undefined
  /** It was read only, which cannot be changed inside the guard: the guard is rolled back and set again. */
  afresh?: boolean
  /** The error to report once the transaction has ended. */
  refusal?: SessionError
}

/**
 * What the response to a transaction command depends on. `level`: the session's default; `nested`: there are savepoints;
 * `alone`: the command is all that its message contains.
 */
export type Circumstances = { level: string | undefined; nested: boolean; alone: boolean }

const queries = new Set(['SELECT', 'INSERT', 'UPDATE', 'DELETE', 'MERGE', 'WITH', 'VALUES', 'TABLE', 'EXPLAIN'])
const analyzedKinds: ReadonlySet<Command['kind']> = new Set(['set config', 'declare'])

const warning = (sqlState: string, message: string): ErrorFields => ({ severity: 'WARNING', code: sqlState, message })

/** The warning for a command that has no effect outside a transaction. */
export const onlyInTransaction = (name: string): ErrorFields =>
  warning('25P01', `${name} can only be used in transaction blocks`)

export class TransactionState {
  status: TransactionStatus = 'I'
  /** The isolation level of the transaction, as SHOW spells it; undefined if none was specified. */
  level: string | undefined
  /** The access mode that it began with, and those that SET TRANSACTION has set. */
  #accessAtFirst: AccessMode | undefined
  readonly #accesses = new SavepointLog<AccessMode>()
  /** A query has run, so that a server would have taken the transaction's snapshot. */
  #hasSnapshot = false
  /** The modes that AND CHAIN has passed on; they stay in force when the transaction fails. */
  #inherited: Modes = {}

  /** The access mode of the transaction; undefined if none was specified. */
  get access(): AccessMode | undefined {
    return this.#accesses.isEmpty ? this.#accessAtFirst : (this.#accesses.entries.at(-1) ?? this.#accessAtFirst)
  }

  /** Applies BEGIN, COMMIT or ROLLBACK. Throws a SessionError if a server would reject the command. */
  apply(
    command: Command & { kind: 'begin' | 'commit' | 'rollback' },
    sql: string,
    circumstances: Circumstances,
  ): Outcome {
    const { level, nested } = circumstances
    if (command.kind === 'begin') return this.#begin(command.modes, sql, circumstances)
    if (this.status === 'I') return this.#endNothing(command)
    const end = command.kind === 'commit' && this.status === 'T' ? 'release' : 'rollback'
    const { access, level: levelBefore } = this.#modesToChain(end, nested)
    if (command.chain) this.#enter('T', access, levelBefore ?? level)
    else this.reset()
    if (command.chain) this.#inherited = { access, level: levelBefore }
    return { tag: end === 'release' ? 'COMMIT' : 'ROLLBACK', end }
  }

  /** Ends the transaction for a PREPARE TRANSACTION, which a server would carry out or refuse with an error. */
  endToPrepare(refusal: SessionError, { alone }: Circumstances): Outcome {
    const isRefused = this.status === 'T' || (this.status === 'I' && !alone)
    const outcome = this.status === 'I' ? this.#endNothing({ kind: 'rollback', chain: false }) : undefined
    this.reset()
    return { tag: 'ROLLBACK', end: 'rollback', ...outcome, ...(isRefused && { refusal }) }
  }

  /**
   * Applies SET TRANSACTION. The level is only recorded, since sessions run one after the other; the access mode is set on
   * the server. Throws a SessionError if a server would reject the command. `name`: of a command that warns outside a
   * transaction.
   */
  setModes(sql: string, { level: byDefault, nested, alone }: Circumstances, name?: string): Outcome {
    const { access, level } = modesIn(sql)
    refuseModes(
      sql,
      { access: this.access, level: this.level ?? byDefault ?? 'read committed' },
      { hasSnapshot: this.#hasSnapshot, nested },
    )
    if (this.status !== 'T') {
      const run = access && { run: `SET TRANSACTION ${access}` }
      if (access) this.#accesses.add(access)
      return { tag: 'SET', ...(alone && name !== undefined && { notice: onlyInTransaction(name) }), ...run }
    }
    const afresh = access === 'read write' && this.access === 'read only'
    this.level = level ?? this.level
    if (access) this.#accesses.add(access)
    return { tag: 'SET', access, afresh }
  }

  /** A statement that was sent to the server sets these modes, if it is reached. The server has refused another level. */
  noteModes(sql: string): void {
    const { access } = modesIn(sql)
    if (access) this.#accesses.add(access)
  }

  /** Follows a savepoint command that was sent to the server. */
  note(command: Command): void {
    if (command.kind === 'savepoint') this.#accesses.savepoint(command.name)
    // The access mode that a savepoint has set ends with it, even if its work is kept.
    else if (command.kind === 'release') this.#accesses.undo(command.name)
    else if (command.kind === 'rollback to') this.#accesses.rollBackTo(command.name)
  }

  /** The server has completed the first of the savepoint commands that were sent. */
  movedSavepoints(): void {
    this.#accesses.done()
  }

  /** The server skips the savepoint commands that were sent and are not completed. */
  skippedSavepoints(): void {
    this.#accesses.failed()
  }

  /** A query, or a change of rows, has completed in the transaction. */
  ranQuery(): void {
    this.#hasSnapshot = true
  }

  /** A command with this command tag has completed in the transaction. */
  completed(tag: string): void {
    if (!/^(SET|RESET|SHOW|LOCK|FETCH|SAVEPOINT|RELEASE|ROLLBACK)\b/.test(tag)) this.#hasSnapshot = true
  }

  /** A Parse or Bind of this command was sent: for a query, that takes the snapshot. */
  analyzes(command: Command): void {
    const isQuery = command.kind === 'other' ? queries.has(command.verb) : analyzedKinds.has(command.kind)
    if (isQuery) this.#hasSnapshot = true
  }

  /** A unit of work outside a transaction has ended. */
  settled(): void {
    if (this.status !== 'I') return
    this.#hasSnapshot = false
    this.#accesses.clear()
  }

  /** Takes the transaction status that the server reports after a statement. */
  follow(status: TransactionStatus): void {
    this.status = status
  }

  /** The sandbox has reported an error itself, which fails an open transaction. */
  fail(): void {
    if (this.status === 'T') this.status = 'E'
  }

  reset(): void {
    this.#enter('I', undefined, undefined)
  }

  #begin(sql: string, statement: string, circumstances: Circumstances): Outcome {
    const tag = /^\W*start/i.test(statement) ? 'START TRANSACTION' : 'BEGIN'
    if (this.status !== 'T') {
      const { level } = circumstances
      const hasSnapshot = this.#hasSnapshot
      refuseModes(sql, { level: level ?? 'read committed' }, { hasSnapshot, nested: false })
      const modes = modesIn(sql)
      this.#enter('T', modes.access, modes.level ?? level)
      // Statements before it in its text or batch are part of the transaction.
      this.#hasSnapshot = hasSnapshot
      return { tag, access: modes.access }
    }
    const notice = warning('25001', 'there is already a transaction in progress')
    try {
      return { ...this.setModes(sql, circumstances), tag, notice }
    } catch (error) {
      return { tag, notice, perform: () => Promise.reject(error) }
    }
  }

  #endNothing(command: { kind: 'commit' | 'rollback'; chain: boolean }): Outcome {
    const name = command.kind.toUpperCase()
    if (command.chain) throw new SessionError('25P01', `${name} AND CHAIN can only be used in transaction blocks`)
    this.#hasSnapshot = false
    return {
      tag: name,
      end: command.kind === 'commit' ? 'release' : 'rollback',
      notice: warning('25P01', 'there is no transaction in progress'),
    }
  }

  /** A rollback takes the modes that savepoints have set; an error outside of savepoints, those of the transaction. */
  #modesToChain(end: 'release' | 'rollback', nested: boolean): Modes {
    if (end === 'release') return this
    if (this.status === 'E' && !nested) return this.#inherited
    return { access: this.#accesses.outerEntries.at(-1) ?? this.#accessAtFirst, level: this.level }
  }

  #enter(status: TransactionStatus, access: AccessMode | undefined, level: string | undefined): void {
    this.status = status
    this.#hasSnapshot = false
    this.#accessAtFirst = access
    this.#accesses.clear()
    this.level = level
    this.#inherited = {}
  }
}
