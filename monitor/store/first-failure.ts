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

interface IncidentRow extends Pick<FirstFailure, 'incident' | 'openedAt' | 'closedAt'> {
  failingSince: Date | null
  passedAt: Date | null
}

/** Undefined if the check was never in an incident. */
export async function readFirstFailure(pool: pg.Pool, check: string): Promise<FirstFailure | undefined> {
  const { rows } = await pool.query<IncidentRow>(
    `select incident, opened_at as "openedAt", closed_at as "closedAt", failing_since as "failingSince",
            passed_at as "passedAt"
       from reprise.incident_checks where check_name = $1 order by closed_at is null desc, opened_at desc limit 1`,
    [check],
  )
  const [row] = rows
  if (!row) return undefined
  const { failingSince, passedAt, ...incident } = row
  const failure = failingSince ? await readReplay(pool, check, failingSince, ['failed']) : undefined
  const worked: Outcome[] = ['passed', 'flaky', 'slow']
  const success = passedAt ? await readReplay(pool, check, passedAt, worked, failure?.location) : undefined
  return { ...incident, success, failure }
}

/** Of a slot with replays at several locations: one with such an outcome, at this location if there is one. */
async function readReplay(
  pool: pg.Pool,
  check: string,
  due: Date,
  outcomes: readonly Outcome[],
  location?: string,
): Promise<DetailedReplay | undefined> {
  const { rows } = await pool.query<Omit<DetailedReplay, 'specs'> & { detail: unknown }>(
    `select due, location, version, outcome, duration_ms as "durationMs", reason, detail from reprise.replays
      where check_name = $1 and due >= $2 and due < $5 and outcome = any($3)
      order by location = $4::text desc nulls last, location, kind limit 1`,
    // Times are read in milliseconds. A constant, unlike a sum, spares planning the query for the partitions of later days.
    [check, due, outcomes, location ?? null, new Date(due.getTime() + 1)],
  )
  const [row] = rows
  if (!row) return undefined
  const { detail, ...replay } = row
  return { ...replay, specs: specsOf(detail) }
}
