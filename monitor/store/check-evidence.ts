/** Reads where to look for the cause of what is reported of a check beside its incidents. */
import type pg from 'pg'
import type { Outcome } from '../verdict/finding.ts'
import type { CheckRules } from './check-rules.ts'
import type { FailureOrigin } from './failure-origin.ts'
import { openIncidentOf } from './incidents.ts'
import type { FailureEvidence } from './messages.ts'
import type { MatterEvidence } from './notices.ts'

/** Longer ago, a replay says little. */
const withinMs = 2 * 86_400_000

/** Of the last replay with one of these outcomes; and the runbook and the open incident of the check. */
export async function readEvidence(
  client: pg.PoolClient,
  { name, runbook }: Pick<CheckRules, 'name' | 'runbook'>,
  at: Date,
  outcomes: readonly Outcome[],
): Promise<MatterEvidence> {
  const { rows } = await client.query<{ traceId: string | null; run: string | null }>(
    `select trace_id as "traceId", detail ->> 'run' as run from reprise.replays
      where check_name = $1 and due <= $2 and due > $3 and outcome = any($4) order by due desc, kind desc limit 1`,
    [name, at, new Date(at.getTime() - withinMs), outcomes],
  )
  const { traceId = null, run = null } = rows[0] ?? {}
  const incident = await openIncidentOf(client, name)
  return {
    ...(traceId !== null && { traceId }),
    ...(run !== null && { run }),
    ...(incident !== undefined && { incident }),
    ...(runbook !== undefined && { runbook }),
  }
}

/** The versions of an origin that are known. */
export function versionsIn({ failingVersion, passedVersion }: FailureOrigin): FailureEvidence {
  return {
    ...(failingVersion !== null && { failingVersion }),
    ...(passedVersion !== null && { passedVersion }),
  }
}
