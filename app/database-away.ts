// Distinguishes an unreachable database from a wrong query: only the former is worth a retry.

/** Whether an error of `pg` means that the database is unreachable, is shutting down, or has no connections left. */
export function isDatabaseAway(error: unknown): boolean {
  if (!(error instanceof Error)) return false
  const code = 'code' in error && typeof error.code === 'string' ? error.code : ''
  return SQLSTATE_AWAY.test(code) || NETWORK_CODES.has(code) || PG_MESSAGES.test(error.message)
}

/** Connection exceptions, insufficient resources (too many connections), shutting down or starting up. */
const SQLSTATE_AWAY = /^(08...|53...|57P0.)$/

const NETWORK_CODES = new Set([
  'ECONNREFUSED',
  'ECONNRESET',
  'EPIPE',
  'ETIMEDOUT',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'ENOTFOUND',
  'EAI_AGAIN',
  'ENOENT', // a unix socket that does not exist
])

/** Errors of `pg` and its pool without a code. */
const PG_MESSAGES =
  /^(Connection terminated|timeout exceeded when trying to connect|timeout expired|Query read timeout|Client has encountered a connection error)/
