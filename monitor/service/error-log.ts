/** Tells of what goes wrong again and again once, and once that it is over. */

export interface ErrorLog {
  /** It goes wrong; told unless the same was told last: what follows the first line, such as a log, may differ. */
  begin(what: string, error: Error): void
  /** It works again; told if it had gone wrong. */
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

/** Postgres names the file for which it has no room; whoever reads this needs to know whose disk that is on. */
function explained(error: Error): Error {
  const isDiskFull = (error as Error & { code?: unknown }).code === '53100'
  return isDiskFull
    ? new Error("There is no room left on the disk of the monitor's database: free some space there.")
    : error
}
