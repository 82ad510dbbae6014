/** Finds the slot with which the failures began that led to an incident, and the last one before it that passed. */
import type pg from 'pg'
import { findingOf, type Outcome } from '../verdict/finding.ts'
import type { CheckRules } from './check-rules.ts'

/** Null: unknown. */
export interface FailureOrigin {
  /** Due times. */
  failingSince: Date | null
  passedAt: Date | null
  /** The versions of the service that the replays of these slots saw, separated by a comma and a space. */
  failingVersion: string | null
  passedVersion: string | null
}

interface EndedReplay {
  location: string
  outcome: Outcome
  version: string | null
}

/**
 * Looks back for two days and 200 replays: what happened longer ago says little about the failures. The failures of an
 * earlier incident do not belong to these.
 */
export async function readFailureOrigin(client: pg.PoolClient, check: CheckRules, at: Date): Promise<FailureOrigin> {
  const { rows } = await client.query<{ due: Date; replays: EndedReplay[] }>(
    `select due, jsonb_agg(jsonb_build_object('location', location, 'outcome', outcome, 'version', version)) as replays
       from (select due, kind, location, outcome, version from reprise.replays
              where check_name = $1 and due <= $2 and due > $2::timestamptz - interval '48 hours' and outcome is not null
                and due >= coalesce((select max(closed_at) from reprise.incident_checks
                                      where check_name = $1 and closed_at <= $2), '-infinity')
              order by due desc, kind desc limit 200) last
      group by due, kind order by due desc, kind desc`,
    [check.name, at],
  )
  return failureOrigin(rows, check)
}

/** @param slots Newest first; the first of them has failed. */
function failureOrigin(
  slots: readonly { due: Date; replays: EndedReplay[] }[],
  { policy }: Pick<CheckRules, 'policy'>,
): FailureOrigin {
  const found = slots.flatMap(slot => {
    const finding = findingOf(slot.replays, policy, true)
    return finding === undefined || finding === 'nothing' ? [] : [{ slot, hasFailed: finding === 'failed' }]
  })
  const inARow = found.findIndex(({ hasFailed }) => !hasFailed)
  // Where a number of failures among the last slots is decisive, they need not be in a row.
  const decisive = found.slice(0, policy.confirm.of ?? (inARow === -1 ? found.length : inARow))
  const first = decisive.findLastIndex(({ hasFailed }) => hasFailed)
  const passed = found.slice(first + 1).find(({ hasFailed }) => !hasFailed)
  return originOf(found[first]?.slot, passed?.slot)
}

function originOf(
  failing: { due: Date; replays: EndedReplay[] } | undefined,
  passed: { due: Date; replays: EndedReplay[] } | undefined,
): FailureOrigin {
  return {
    failingSince: failing?.due ?? null,
    passedAt: passed?.due ?? null,
    failingVersion: versionsOf(failing?.replays.filter(({ outcome }) => outcome === 'failed')),
    passedVersion: versionsOf(passed?.replays.filter(({ outcome }) => outcome !== 'failed')),
  }
}

/** The replays of several locations may have seen different versions. */
function versionsOf(replays: readonly EndedReplay[] = []): string | null {
  const versions = new Set(replays.flatMap(({ version }) => version?.split(', ') ?? []))
  return versions.size === 0 ? null : [...versions].sort().join(', ')
}
