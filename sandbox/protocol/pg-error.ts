/** An error that the sandbox sends to a client, with the fields of a server's ErrorResponse. */
import type { ErrorFields } from './backend-messages.ts'

export class SessionError extends Error {
  readonly fields: ErrorFields

  /** `code`: an SQLSTATE. */
  constructor(code: string, message: string, more: { detail?: string; hint?: string; severity?: string } = {}) {
    super(message)
    this.fields = {
      severity: more.severity ?? 'ERROR',
      code,
      message,
      ...(more.detail && { detail: more.detail }),
      ...(more.hint && { hint: more.hint }),
    }
  }

  /** Makes the error from the fields of a server's ErrorResponse. */
  static from(fields: ErrorFields): SessionError {
    const error = new SessionError(fields.code, fields.message)
    Object.assign(error.fields, fields)
    return error
  }
}

/** An error that ends the session. */
export const fatal = (code: string, message: string, more: { detail?: string; hint?: string } = {}): SessionError =>
  new SessionError(code, message, { ...more, severity: 'FATAL' })

/** The hint for a statement that cannot run in a shared transaction. */
export const useOwnDatabase = "Give the test a database of its own: test.use({ isolation: 'database' })."

/** The error of a statement that a cancel request has stopped. */
export const canceledStatement = (): SessionError =>
  new SessionError('57014', 'canceling statement due to user request')

export const failedTransaction = (): SessionError =>
  new SessionError('25P02', 'current transaction is aborted, commands ignored until end of transaction block')
