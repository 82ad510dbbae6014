/** Creates the errors for clients that the sandbox cannot serve, with messages for the author of the test. */

import { SessionError, useOwnDatabase } from '../protocol/pg-error.ts'
import type { SessionHandle } from './session-handle.ts'

/** For a client that has waited longer than `patience` (milliseconds) for an idle holder. */
// 55P03, since applications retry on 40P01 and 40001, and would wait for the same holder again.
export function contentionError(waiter: SessionHandle, holder: SessionHandle, patience: number): SessionError {
  const message = `The sandbox is one transaction, and another client holds it: this statement waited ${Number((patience / 1000).toFixed(1))} s while that client did nothing.
  waiting: ${waiter.describe()}
  holding: ${holder.describe()}
Release the holding client first (COMMIT, ROLLBACK, release()), or give the test a database of its own: test.use({ isolation: 'database' }).`
  return new SessionError('55P03', message)
}

/** For the session whose statement ended the shared transaction. */
export function escapedError(reason: Error): SessionError {
  return new SessionError('57P01', reason.message, { severity: 'FATAL', hint: useOwnDatabase })
}

/** For a session after the connection to the server was lost. */
export function lostError(reason: Error): SessionError {
  const message = `The sandbox lost its connection to the database: ${reason.message}`
  return new SessionError('57P01', message, { severity: 'FATAL' })
}

/** For a session that is active when the test ends. */
// The message names the session: a client without an error listener ends its process with this message.
export function endedError(session: SessionHandle): SessionError {
  const message = `The test has ended while this session was active; it was terminated: ${session.describe()}`
  return new SessionError('57P01', message, { hint: 'Commit, roll back or disconnect before the test ends.' })
}

/** For a statement while no test is open. */
export function closedError(): SessionError {
  return new SessionError('57P03', 'The sandbox is closed: no test is running that this statement could belong to.', {
    hint: 'Work that an application does on its own, such as a timer, has to end before the test does.',
  })
}
