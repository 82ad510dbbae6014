/** Reads the verdicts of checks, with their policies. */
import type pg from 'pg'
import type { Policy } from '../verdict/policy.ts'
import { noVerdict, type Verdict } from '../verdict/verdict.ts'

export interface CheckVerdict {
  policy: Policy
  verdict: Verdict
}

/** Of all active checks, by name. */
export async function readVerdicts(pool: pg.Pool): Promise<ReadonlyMap<string, CheckVerdict>> {
  const { rows } = await pool.query<CheckVerdict & { name: string }>(
    `select name, rules -> 'policy' as policy, verdict from reprise.checks where active`,
  )
  return new Map(rows.map(({ name, policy, verdict }) => [name, { policy, verdict: { ...noVerdict, ...verdict } }]))
}
