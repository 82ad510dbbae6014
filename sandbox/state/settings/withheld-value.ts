/** Checks the values of settings that the sandbox enforces itself, since they would end the shared connection. */

import { literal } from '../../sql/quote.ts'
import type { Run } from '../../sql/run-sql.ts'
import { withheldDefault } from './settings.ts'

/**
 * Has the server parse a value of a withheld setting, and returns it in the server's form, such as `1s` for 1000. Rejects
 * with the server's error. The value does not stay in force: the same statement resets it.
 */
export async function checkWithheld(name: string, value: string, run: Run): Promise<string> {
  const set = (to: string) => `pg_catalog.set_config(${literal(name)}, ${literal(to)}, true)`
  const [row] = await run(
    `SELECT ${set(value)}, pg_catalog.current_setting(${literal(name)}), ${set(withheldDefault(name))}`,
  )
  return row?.[1] ?? ''
}
