/** What a session believes of its transaction, and what each transaction command changes in that. */
import { SessionError } from './session-error.ts'
import type { Command } from './sql/command.ts'
import type { Run } from './startup-check.ts'
import type { ErrorFields, TransactionStatus } from './wire/backend.ts'

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
}

/** default: what the setting default_transaction_read_only says. */
export type AccessMode = 'read only' | 'read write' | 'default'

/** The isolation level that a text of SQL or transaction modes names, as SHOW spells it. */
export const levelIn = (sql = ''): string | undefined =>
  /\b(serializable|repeatable\s+read|read\s+committed|read\s+uncommitted)\b/i
    .exec(sql)?.[0]
    .replace(/\s+/g, ' ')
    .toLowerCase()

const accessIn = (modes: string): AccessMode | undefined => {
  const mode = /\bread\s+(only|write)\b/i.exec(modes)?.[1]?.toLowerCase()
  return mode === 'only' ? 'read only' : mode === 'write' ? 'read write' : undefined
}

const warning = (sqlState: string, message: string): ErrorFields => ({ S: 'WARNING', C: sqlState, M: message })

/** What a server says of a command that has no effect outside a transaction. */
export const onlyInTransaction = (name: string): ErrorFields =>
  warning('25P01', `${name} can only be used in transaction blocks`)

type Modes = { access?: AccessMode | undefined; level?: string | undefined }

export class SessionTransaction {
  status: TransactionStatus = 'I'
  /** What the session asked for when it began its transaction. */
  access: AccessMode | undefined
  /** The isolation level of the transaction, as SHOW spells it; undefined if nobody asked for one. */
  level: string | undefined
  /** A query has run, so that a server has taken the transaction's snapshot. */
  #hasSnapshot = false
  /** What the transaction has from the one that it was chained to, which holds even when it has failed. */
  #inherited: Modes = {}

  /**
   * Applies BEGIN, COMMIT or ROLLBACK. `level`: that of a transaction which does not say. Throws a SessionError where a
   * server would refuse the command.
   */
  apply(command: Command & { kind: 'begin' | 'commit' | 'rollback' }, sql: string, level: string | undefined): Outcome {
    if (command.kind === 'begin') return this.#begin(command.modes, sql, level)
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
   * SET TRANSACTION: sessions follow one another, so that every level is kept; the server sets the access. `alone`: no other
   * statement stands in its message, which would be in one transaction with it.
   */
  setModes(modes: string, alone: boolean): Outcome {
    const access = accessIn(modes)
    const run = access && { run: `SET TRANSACTION ${access}` }
    if (this.status !== 'T') {
      return { tag: 'SET', ...(alone && { notice: onlyInTransaction('SET TRANSACTION') }), ...run }
    }
    const level = levelIn(modes)
    if (this.#hasSnapshot && level && level !== (this.level ?? 'read committed')) {
      throw new SessionError('25001', 'SET TRANSACTION ISOLATION LEVEL must be called before any query')
    }
    this.level = level ?? this.level
    this.access = access ?? this.access
    return { tag: 'SET', ...run }
  }

  /** A command with this tag has run in the transaction. */
  completed(tag: string): void {
    if (!/^(SET|RESET|SHOW|LOCK|FETCH|SAVEPOINT|RELEASE|ROLLBACK)\b/.test(tag)) this.#hasSnapshot = true
  }

  /** The server's word on the transaction, after a statement in it. */
  follow(status: TransactionStatus): void {
    this.status = status
  }

  /** An error of the sandbox's own: inside a transaction, it fails the transaction. */
  fail(): void {
    if (this.status === 'T') this.status = 'E'
  }

  reset(): void {
    this.#enter('I', undefined, undefined)
  }

  #begin(modes: string, sql: string, level: string | undefined): Outcome {
    const tag = /^\W*start/i.test(sql) ? 'START TRANSACTION' : 'BEGIN'
    if (this.status === 'T') {
      const notice = warning('25001', 'there is already a transaction in progress')
      return { ...this.setModes(modes, false), tag, notice }
    }
    this.#enter('T', accessIn(modes), levelIn(modes) ?? level)
    return { tag }
  }

  #endNothing(command: { kind: 'commit' | 'rollback'; chain: boolean }): Outcome {
    const name = command.kind.toUpperCase()
    if (command.chain) throw new SessionError('25P01', `${name} AND CHAIN can only be used in transaction blocks`)
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
