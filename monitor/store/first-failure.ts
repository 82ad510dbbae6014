/** Reads the first failure of a check's current or last incident, and the last success before it. */
import type pg from 'pg'
import type { Outcome } from '../verdict/finding.ts'
import { type StoredSpec, specsOf } from './stored-detail.ts'

export interface FirstFailure {
  incident: number
  /** Due time of the slot with which the check was down. */
  openedAt: Date
  /** Null while it is open. */
  closedAt: Date | null
  /** Undefined: not stored, or not any more. */
  failure: DetailedReplay | undefined
  success: DetailedReplay | undefined
}

export interface DetailedReplay {
  due: Date
  location: string
  /** The versions of the service that it saw; null: unknown. */
  version: string | null
  outcome: Outcome
  durationMs: number | null
  /** For operators only, as `specs`. */
  reason: string | null
  specs: StoredSpec[]
}

/** How many replays before the incident are searched; and how long before it. */
const [searched, searchedMs] = [200, 7 * 86_400_000]

/** Undefined if the check was never in an incident. */
export async function readFirstFailure(pool: pg.Pool, check: string): Promise<FirstFailure | undefined> {
  const { rows } = await pool.query<Pick<FirstFailure, 'incident' | 'openedAt' | 'closedAt'>>(
    `select incident, opened_at as "openedAt", closed_at as "closedAt" from reprise.incident_checks
      where check_name = $1 order by incident desc limit 1`,
    [check],
  )
  const [incident] = rows
  if (!incident) return undefined
  const after = new Date(incident.openedAt.getTime() - searchedMs)
  const found = await pool.query<{ due: Date; location: string; kind: string; isFailure: boolean }>(
    `with before as materialized (
       select due, location, kind, outcome from reprise.replays
        where check_name = $1 and due <= $2 and due > $3 and outcome is not null order by due desc limit $4
     ), success as (
       select due, location, kind from before where outcome in ('passed', 'flaky', 'slow') order by due desc limit 1
     )
     select due, location, kind, false as "isFailure" from success
     union all
     (select due, location, kind, true from before
       where outcome = 'failed' and due > coalesce((select due from success), '-infinity') order by due limit 1)`,
    [check, incident.openedAt, after, searched],
  )
  const [success, failure] = await Promise.all(
    [false, true].map(async wanted => {
      const slot = found.rows.find(({ isFailure }) => isFailure === wanted)
      return slot && readReplay(pool, check, slot)
    }),
  )
  return { ...incident, success, failure }
}

async function readReplay(
  pool: pg.Pool,
  check: string,
  { due, location, kind }: { due: Date; location: string; kind: string },
): Promise<DetailedReplay | undefined> {
  const { rows } = await pool.query<Omit<DetailedReplay, 'specs'> & { detail: unknown }>(
    `select due, location, version, outcome, duration_ms as "durationMs", reason, detail from reprise.replays
      where (check_name, location, kind) = ($1, $2, $3) and due >= $4 and due < $4::timestamptz + interval '1 ms'
      limit 1`,
    [check, location, kind, due],
  )
  const [row] = rows
  if (!row) return undefined
  const { detail, ...replay } = row
  return { ...replay, specs: specsOf(detail) }
}
