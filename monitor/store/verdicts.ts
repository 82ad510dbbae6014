/** Reads the verdicts of checks, with their policies. */
import type pg from 'pg'
import type { Policy } from '../verdict/policy.ts'
import { noVerdict, type Verdict } from '../verdict/verdict.ts'
import { isChosen } from './chosen-checks.ts'

export interface CheckVerdict {
  policy: Policy
  verdict: Verdict
}

/**
 * Of the active checks, by name.
 * @param names Absent: of all.
 */
export async function readVerdicts(
  pool: pg.Pool,
  names?: readonly string[],
): Promise<ReadonlyMap<string, CheckVerdict>> {
  const { rows } = await pool.query<CheckVerdict & { name: string }>(
    `select name, rules -> 'policy' as policy, verdict from reprise.checks where active and ${isChosen('name', '$1')}`,
    [names],
  )
  return new Map(rows.map(({ name, policy, verdict }) => [name, { policy, verdict: { ...noVerdict, ...verdict } }]))
}
