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

/** Looks back for two days and 200 replays: what happened longer ago says little about the failures. */
export async function readFailureOrigin(client: pg.PoolClient, check: CheckRules, at: Date): Promise<FailureOrigin> {
  const { rows } = await client.query<{ due: Date; replays: EndedReplay[] }>(
    `select due, jsonb_agg(jsonb_build_object('location', location, 'outcome', outcome, 'version', version)) as replays
       from (select due, kind, location, outcome, version from reprise.replays
              where check_name = $1 and due <= $2 and due > $2::timestamptz - interval '48 hours' and outcome is not null
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
  let failing: (typeof slots)[number] | undefined
  let counted = 0
  for (const slot of slots) {
    const finding = findingOf(slot.replays, policy, true)
    if (finding === undefined || finding === 'nothing') continue
    counted++
    if (finding === 'failed') failing = slot
    // Where a number of failures among the last slots is decisive, they need not be in a row.
    else if (counted > (policy.confirm.of ?? 1)) return originOf(failing, slot)
  }
  return originOf(failing, undefined)
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
