/** What the database says of the values that it is given, and would say again whenever it is asked. */
import pg from 'pg'

/** Data exceptions, violated constraints, and limits of the program: by the classes of their SQLSTATE. */
const classes = ['22', '23', '54']

export function isRefusal(error: unknown): error is pg.DatabaseError {
  return error instanceof pg.DatabaseError && classes.includes(error.code?.slice(0, 2) ?? '')
}
