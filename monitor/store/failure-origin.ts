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
  return failureOrigin(await readEnded(client, check, at), check, { bad: ['failed'], among: check.policy.confirm.of })
}

/** As `readFailureOrigin`, for a check that is degraded: since when it has been slow or flaky, or has failed. */
export async function readDegradationOrigin(
  client: pg.PoolClient,
  check: CheckRules,
  at: Date,
  decisive: Decisive,
): Promise<FailureOrigin> {
  return failureOrigin(await readEnded(client, check, at), check, decisive)
}

interface EndedSlot {
  due: Date
  replays: EndedReplay[]
}

/** Newest first. */
async function readEnded(client: pg.PoolClient, { name }: CheckRules, at: Date): Promise<EndedSlot[]> {
  const { rows } = await client.query<EndedSlot>(
    `select due, jsonb_agg(jsonb_build_object('location', location, 'outcome', outcome, 'version', version)) as replays
       from (select due, kind, location, outcome, version from reprise.replays
              where check_name = $1 and due <= $2 and due > $3 and outcome is not null
                and due >= coalesce((select max(closed_at) from reprise.incident_checks
                                      where check_name = $1 and closed_at <= $2), '-infinity')
              order by due desc, kind desc limit 200) last
      group by due, kind order by due desc, kind desc`,
    // A constant spares planning the query for the partitions of all days.
    [name, at, new Date(at.getTime() - 48 * 3_600_000)],
  )
  return rows
}

interface Decisive {
  bad: readonly ('failed' | 'slow' | 'flaky')[]
  /** So many of the last slots; undefined: those in a row. */
  among: number | undefined
}

/** @param slots Newest first. */
function failureOrigin(
  slots: readonly EndedSlot[],
  { policy }: Pick<CheckRules, 'policy'>,
  { bad, among }: Decisive,
): FailureOrigin {
  const isBad = (finding: string) => bad.some(each => each === finding)
  const all = slots.flatMap(slot => {
    const finding = findingOf(slot.replays, policy, true)
    return finding === undefined || finding === 'nothing' ? [] : [{ slot, hasFailed: isBad(finding) }]
  })
  // A degraded check may have begun to recover.
  const found = all.slice(
    Math.max(
      0,
      all.findIndex(({ hasFailed }) => hasFailed),
    ),
  )
  const inARow = found.findIndex(({ hasFailed }) => !hasFailed)
  // Where a number of failures among the last slots is decisive, they need not be in a row.
  const decisive = found.slice(0, among ?? (inARow === -1 ? found.length : inARow))
  const first = decisive.findLastIndex(({ hasFailed }) => hasFailed)
  const passed = found.slice(first + 1).find(({ hasFailed }) => !hasFailed)
  const failing = found[first]?.slot
  return {
    failingSince: failing?.due ?? null,
    passedAt: passed?.slot.due ?? null,
    failingVersion: versionsOf(failing?.replays.filter(({ outcome }) => isBad(outcome))),
    passedVersion: versionsOf(passed?.slot.replays.filter(({ outcome }) => !isBad(outcome))),
  }
}

/** The replays of several locations may have seen different versions. */
function versionsOf(replays: readonly EndedReplay[] = []): string | null {
  const versions = new Set(replays.flatMap(({ version }) => version?.split(', ') ?? []))
  return versions.size === 0 ? null : [...versions].sort().join(', ')
}
