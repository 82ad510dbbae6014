/** What a session believes of its transaction, and what each transaction command changes in that. */
import { SessionError } from './session-error.ts'
import type { Command } from './sql/command.ts'
import type { ErrorFields, TransactionStatus } from './wire/backend.ts'

/** What a command does to the guard that stands for the session's transaction. */
export type Outcome = {
  tag: string
  end?: 'release' | 'rollback'
  notice?: ErrorFields
}

const warning = (sqlState: string, message: string): ErrorFields => ({ S: 'WARNING', C: sqlState, M: message })

export class SessionTransaction {
  status: TransactionStatus = 'I'
  /** The session began its transaction with READ ONLY. */
  readOnly = false

  /** Applies BEGIN, COMMIT or ROLLBACK. Throws a SessionError where a server would refuse the command. */
  apply(command: Command & { kind: 'begin' | 'commit' | 'rollback' }, sql: string): Outcome {
    if (command.kind === 'begin') return this.#begin(command.modes, sql)
    if (this.status === 'I') return this.#endNothing(command)
    const end = command.kind === 'commit' && this.status === 'T' ? 'release' : 'rollback'
    // In a failed transaction, a server has forgotten what the next one was to inherit.
    this.#enter(command.chain ? 'T' : 'I', command.chain && this.readOnly && this.status === 'T')
    return { tag: end === 'release' ? 'COMMIT' : 'ROLLBACK', end }
  }

  /** SET TRANSACTION ISOLATION LEVEL: sessions follow one another, so that every level is kept. */
  setLevel(): Outcome {
    if (this.status === 'T') return { tag: 'SET' }
    return { tag: 'SET', notice: warning('25P01', 'SET TRANSACTION can only be used in transaction blocks') }
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
    this.#enter('I', false)
  }

  #begin(modes: string, sql: string): Outcome {
    const tag = /^\W*start/i.test(sql) ? 'START TRANSACTION' : 'BEGIN'
    if (this.status === 'T') return { tag, notice: warning('25001', 'there is already a transaction in progress') }
    this.#enter('T', /\bread\s+only\b/i.test(modes))
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

  #enter(status: TransactionStatus, readOnly: boolean): void {
    this.status = status
    this.readOnly = readOnly
  }
}
