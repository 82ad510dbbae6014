/** Recognizes errors that depend on the values of a statement, so that repeating it cannot succeed. */
import pg from 'pg'

/** Data exceptions, constraint violations and program limits, by class of SQLSTATE. */
const classes = ['22', '23', '54']

export function isRefusal(error: unknown): error is pg.DatabaseError {
  return error instanceof pg.DatabaseError && classes.includes(error.code?.slice(0, 2) ?? '')
}
