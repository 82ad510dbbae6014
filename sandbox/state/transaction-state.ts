/** Tracks a session's transaction as the client sees it, and what each transaction command changes in that. */

import type { ErrorFields, TransactionStatus } from '../protocol/backend-messages.ts'
import { SessionError } from '../protocol/pg-error.ts'
import type { Command } from '../sql/commands/command.ts'
import type { Run } from '../sql/run-sql.ts'
import { type AccessMode, type Modes, modesIn, refuseModes } from './transaction-modes.ts'

/** How a command is answered, and what it does to the guard that stands for the session's transaction. */
export type Outcome = {
  tag: string
  end?: 'release' | 'rollback'
  notice?: ErrorFields
  /** Statements that are run instead of the command, under the guard. */
  run?: string
  /** Does the command in its own way, under the guard. Rejects with a SessionError. */
  perform?: (run: Run) => Promise<void>
  row?: { column: string; value: string }
  /** The server is to take this access for the transaction that it has begun; one that it has not begins with it. */
  access?: AccessMode | undefined
  /** It was read only, which a server does not take back while the guard stands: the guard is set anew. */
  afresh?: boolean
}

/** What a transaction command depends on. `level`: that of a transaction which does not say; `nested`: there are savepoints. */
export type Circumstances = { level: string | undefined; nested: boolean; alone: boolean }

const warning = (sqlState: string, message: string): ErrorFields => ({ severity: 'WARNING', code: sqlState, message })

/** The warning of a server about a command that has no effect outside a transaction. */
export const onlyInTransaction = (name: string): ErrorFields =>
  warning('25P01', `${name} can only be used in transaction blocks`)

export class TransactionState {
  status: TransactionStatus = 'I'
  /** What the session asked for when it began its transaction. */
  access: AccessMode | undefined
  /** The isolation level of the transaction, as SHOW spells it; undefined if none was asked for. */
  level: string | undefined
  /** A query has run, so that a server has taken the transaction's snapshot. */
  #hasSnapshot = false
  /** What the transaction has from the one that it was chained to, which holds even when it has failed. */
  #inherited: Modes = {}

  /** Applies BEGIN, COMMIT or ROLLBACK. Throws a SessionError where a server would refuse the command. */
  apply(
    command: Command & { kind: 'begin' | 'commit' | 'rollback' },
    sql: string,
    circumstances: Circumstances,
  ): Outcome {
    const { level } = circumstances
    if (command.kind === 'begin') return this.#begin(command.modes, sql, circumstances)
    if (this.status === 'I') return this.#endNothing(command)
    const end = command.kind === 'commit' && this.status === 'T' ? 'release' : 'rollback'
    // In a failed transaction, a server has forgotten what the transaction itself was begun with.
    const { access, level: levelBefore } = this.status === 'T' ? this : this.#inherited
    if (command.chain) this.#enter('T', access, levelBefore ?? level)
    else this.reset()
    if (command.chain) this.#inherited = { access, level: levelBefore }
    return { tag: end === 'release' ? 'COMMIT' : 'ROLLBACK', end }
  }

  /**
   * SET TRANSACTION: sessions follow one another, so that every level is kept; the server sets the access. Throws a
   * SessionError where a server would refuse it.
   */
  setModes(sql: string, { level: byDefault, nested, alone }: Circumstances): Outcome {
    const { access, level } = modesIn(sql)
    refuseModes(
      sql,
      { access: this.access, level: this.level ?? byDefault ?? 'read committed' },
      { hasSnapshot: this.#hasSnapshot, nested },
    )
    if (this.status !== 'T') {
      const run = access && { run: `SET TRANSACTION ${access}` }
      return { tag: 'SET', ...(alone && { notice: onlyInTransaction('SET TRANSACTION') }), ...run }
    }
    const afresh = access === 'read write' && this.access === 'read only'
    this.level = level ?? this.level
    this.access = access ?? this.access
    return { tag: 'SET', access, afresh }
  }

  /** A command with this tag has run in the transaction. */
  completed(tag: string): void {
    if (!/^(SET|RESET|SHOW|LOCK|FETCH|SAVEPOINT|RELEASE|ROLLBACK)\b/.test(tag)) this.#hasSnapshot = true
  }

  /** What was done outside a transaction is done with. */
  settled(): void {
    if (this.status === 'I') this.#hasSnapshot = false
  }

  /** Follows the server's status byte, after a statement in the transaction. */
  follow(status: TransactionStatus): void {
    this.status = status
  }

  /** An error of the sandbox itself: inside a transaction, it fails the transaction. */
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
      // What stands before it in its text or batch is in the transaction.
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

  #enter(status: TransactionStatus, access: AccessMode | undefined, level: string | undefined): void {
    this.status = status
    this.#hasSnapshot = false
    this.access = access
    this.level = level
    this.#inherited = {}
  }
}
