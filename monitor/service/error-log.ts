/** ErrorLog: logs a recurring error once, and once when it is over. */

export interface ErrorLog {
  /**
   * Logs an error of an operation, unless the last one had the same first line; what follows, such as a log, may
   * differ.
   */
  begin(what: string, error: Error): void
  /** Logs that the operation works again, if it had failed. */
  end(what: string): void
}

export function createErrorLog(write: (text: string) => void): ErrorLog {
  const written = new Map<string, string>()
  return {
    begin(what, cause) {
      const error = explained(cause)
      const [reason = ''] = error.message.split('\n')
      if (written.get(what) === reason) return
      written.set(what, reason)
      write(`${what}: ${error.message}`)
    },
    end(what) {
      if (written.delete(what)) write(`${what}: it works again.`)
    },
  }
}

/** Postgres names the file that it could not write; the operator needs to know whose disk is full. */
function explained(error: Error): Error {
  const isDiskFull = (error as Error & { code?: unknown }).code === '53100'
  return isDiskFull
    ? new Error("There is no room left on the disk of the monitor's database: free some space there.")
    : error
}
