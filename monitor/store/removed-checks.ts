/** Removes checks from their incidents, and resets their verdicts, when they are not configured any more or not in that environment. */
import type pg from 'pg'
import { noVerdict } from '../verdict/verdict.ts'
import { type Removal, writeRemovalAlerts } from './alerts.ts'
import type { CheckRules } from './check-rules.ts'
import { endDegradation } from './degradation.ts'
import { applyToIncident, lockIncidents } from './incidents.ts'
import { whyRemoved } from './shown-incident.ts'
import { writeTransition } from './transitions.ts'

/** @param names The checks that were active until now. */
export async function resetRemovedChecks(client: pg.PoolClient, names: readonly string[], now: Date): Promise<void> {
  const { rows } = await client.query<{ rules: CheckRules; isDown: boolean; reason: string }>(
    `with removed as (
       select name, exists (select from reprise.incident_checks where check_name = name and closed_at is null) as is_down
         from reprise.checks where not active
     )
     update reprise.checks set verdict = $2, state = 'unknown', since = $3 from removed
      where checks.name = removed.name and (checks.name = any($1) or is_down)
     returning rules, is_down as "isDown", ${whyRemoved} as reason`,
    [names, noVerdict, now],
  )
  const removed = rows.sort((a, b) => (a.rules.name < b.rules.name ? -1 : 1))
  // Slots under way are not judged later. Rows locked by a replay that is just starting are skipped: waiting for it
  // could deadlock.
  await client.query(
    `update reprise.slots set judged = true
      where (check_name, due, location, kind) in (
        select check_name, due, location, kind from reprise.slots where not judged and check_name = any($1)
           for no key update skip locked)`,
    [removed.map(({ rules }) => rules.name)],
  )
  const removals: Removal[] = []
  for (const { rules: check, isDown } of removed) {
    const closed = { kind: 'closed', at: now.getTime(), incident: now.getTime() } as const
    const incident = isDown ? await applyToIncident(client, check, closed) : undefined
    if (isDown) await writeTransition(client, check.name, closed, incident)
    removals.push({ check, incident })
  }
  if (removals.length > 0) await lockIncidents(client)
  await writeRemovalAlerts(client, removals, now)
  for (const { rules: check, reason } of removed) await endDegradation(client, check, now, reason)
}
