/** Reads what advice about the rules of a check is searched in. */
import type pg from 'pg'
import type { PastOutcomes } from '../verdict/advice.ts'
import type { MeasuredOutcome } from '../verdict/slow-advice.ts'
import type { IsInMaintenance } from './check-rules.ts'
import { readSlotGroups } from './slot-groups.ts'

export interface ReadOutcomes extends PastOutcomes {
  outcomes: readonly MeasuredOutcome[]
}

/** The last ones after a time, at most `most`. */
export async function readPastOutcomes(
  pool: pg.Pool,
  check: string,
  { after, most }: { after: Date; most: number },
  isInMaintenance: IsInMaintenance,
): Promise<ReadOutcomes[]> {
  const groups = await readSlotGroups(pool, check, after, most)
  const first = groups[0]?.due ?? after
  const { rows } = await pool.query<{ due: Date; location: string; kind: string; slowestMs: number }>(
    `select due, location, kind, slowest_ms as "slowestMs" from reprise.replays
      where check_name = $1 and due >= $2 and slowest_ms is not null`,
    [check, first],
  )
  const slowest = new Map(
    rows.map(({ due, location, kind, slowestMs }) => [keyOf(due, kind, location), slowestMs] as const),
  )
  return groups
    .filter(({ isClosed, wasSkipped }) => isClosed && !wasSkipped)
    .sort((a, b) => a.setBacks - b.setBacks || a.due.getTime() - b.due.getTime())
    .map(({ due, kind, outcomes }) => ({
      due: due.getTime(),
      confirms: kind === 'confirm',
      inMaintenance: isInMaintenance(check, due),
      outcomes: outcomes.map(outcome => {
        const slowestMs = slowest.get(keyOf(due, kind, outcome.location))
        return slowestMs === undefined ? outcome : { ...outcome, slowestMs }
      }),
    }))
}

const keyOf = (due: Date, kind: string, location: string) => `${due.getTime()} ${kind} ${location}`

/** Reads when the incidents of a check were opened that several checks shared, or that an operator acknowledged. */
export async function readRealIncidents(pool: pg.Pool, check: string, after: Date): Promise<number[]> {
  const { rows } = await pool.query<{ openedAt: Date }>(
    `select member.opened_at as "openedAt" from reprise.incident_checks member
      where member.check_name = $1 and member.opened_at > $2
        and (exists (select from reprise.incident_checks other
                      where other.incident = member.incident and other.check_name <> $1)
             or member.incident = any ($3))`,
    [check, after, await acknowledgedIncidents(pool, after)],
  )
  return rows.map(({ openedAt }) => openedAt.getTime())
}

async function acknowledgedIncidents(pool: pg.Pool, after: Date): Promise<number[]> {
  // A database of before has no acknowledgements.
  const { rows: tables } = await pool.query<{ exists: boolean }>(
    `select to_regclass('reprise.acknowledgements') is not null as exists`,
  )
  if (!tables[0]?.exists) return []
  const { rows } = await pool.query<{ incident: number }>(
    'select incident from reprise.acknowledgements where at > $1',
    [after],
  )
  return rows.map(({ incident }) => incident)
}
