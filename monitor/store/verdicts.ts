/** What the slots of each check have come to, and by which policy. */
import type pg from 'pg'
import type { Policy } from '../verdict/policy.ts'
import { noVerdict, type Verdict } from '../verdict/verdict.ts'

export interface JudgedCheck {
  policy: Policy
  verdict: Verdict
}

/** Of all checks that are monitored, by name. */
export async function readVerdicts(pool: pg.Pool): Promise<ReadonlyMap<string, JudgedCheck>> {
  const { rows } = await pool.query<JudgedCheck & { name: string }>(
    `select name, rules -> 'policy' as policy, verdict from reprise.checks where active`,
  )
  return new Map(rows.map(({ name, policy, verdict }) => [name, { policy, verdict: { ...noVerdict, ...verdict } }]))
}
