/** Timeouts that end a connection. The shared one must not end, so that the sandbox keeps each session's own. */

import { literal } from '../../sql/quote.ts'
import type { Run } from '../../sql/run-sql.ts'

/**
 * Has the server read a value of a withheld setting, and returns it in the server's form, such as `1s` for 1000; rejects
 * with the server's error. The value never counts: it is taken back within the statement.
 */
export async function checkTimeout(name: string, value: string, run: Run): Promise<string> {
  const set = (to: string) => `pg_catalog.set_config(${literal(name)}, ${literal(to)}, true)`
  const [row] = await run(`SELECT ${set(value)}, pg_catalog.current_setting(${literal(name)}), ${set('0')}`)
  return row?.[1] ?? ''
}
