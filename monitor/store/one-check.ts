/** Reads the state of one check, active or not. */
import type pg from 'pg'
import { noVerdict, type State, type Verdict } from '../verdict/verdict.ts'
import type { CheckRules } from './check-rules.ts'

export interface OneCheck {
  name: string
  /** It is configured. */
  active: boolean
  environment: string
  state: State
  /** Due time of the slot that changed the state last; null before the first change. */
  since: Date | null
  rules: CheckRules
  verdict: Verdict
}

export async function readCheck(pool: pg.Pool, name: string): Promise<OneCheck | undefined> {
  // Postgres rejects it in any text.
  if (name.includes('\0')) return undefined
  const { rows } = await pool.query<OneCheck>(
    'select name, active, environment, state, since, rules, verdict from reprise.checks where name = $1',
    [name],
  )
  const [check] = rows
  return check && { ...check, verdict: { ...noVerdict, ...check.verdict } }
}
