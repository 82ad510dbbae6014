/** Reads the failed replays of an incident: their number, and the evidence of some of them. */
import type pg from 'pg'

export interface FailedReplay {
  check: string
  due: Date
  location: string
  kind: 'cron' | 'confirm' | 'manual'
  durationMs: number | null
  version: string | null
  reason: string | null
  /** Its specs, attempts and requests, as they were stored. */
  detail: unknown
}

/** Where a page of failed replays ends. */
export type FailedReplayKey = Pick<FailedReplay, 'due' | 'check' | 'location' | 'kind'>

/** More are not counted. */
export const mostCounted = 1000

/**
 * Returns how many replays have failed, at most `mostCounted + 1`. Results that were removed are not counted.
 * @param isCounted By the name of the check; absent: all are.
 */
export async function countFailedReplays(
  pool: pg.Pool,
  incident: number,
  isCounted?: (check: string) => boolean,
): Promise<number> {
  const checks = isCounted && (await readNames(pool, incident)).filter(isCounted)
  const span = await readSpan(pool, incident)
  const { rows } = await pool.query<{ count: number }>(
    `select count(*)::integer as count
       from (select from reprise.incident_checks member cross join lateral (
               select from reprise.replays where ${isOfMember} and due between $4 and $5 limit $2) replay
              where incident = $1 and ($3::text[] is null or check_name = any($3)) limit $2) counted`,
    [incident, mostCounted + 1, checks, ...span],
  )
  return rows[0]?.count ?? 0
}

async function readNames(pool: pg.Pool, incident: number): Promise<string[]> {
  const { rows } = await pool.query<{ name: string }>(
    'select check_name as name from reprise.incident_checks where incident = $1',
    [incident],
  )
  return rows.map(({ name }) => name)
}

/** Newest first, after those up to `before`. */
export async function readFailedReplays(
  pool: pg.Pool,
  incident: number,
  { before, most }: { before?: FailedReplayKey | undefined; most: number },
): Promise<FailedReplay[]> {
  const span = await readSpan(pool, incident)
  const { rows } = await pool.query<FailedReplay>(
    `select replay.check_name as check, replay.due, replay.location, replay.kind, replay.duration_ms as "durationMs", version,
            reason, detail
       from (select latest.* from reprise.incident_checks member cross join lateral (
               select check_name, due, location, kind from reprise.replays
                where ${isOfMember} and due <= coalesce($2::timestamptz, 'infinity') and due between $7 and $8
                  and ($2 is null or (due, check_name, location, kind) < ($2, $4, $5, $6))
                order by due desc, location desc, kind desc limit $3) latest
              where incident = $1 order by due desc, check_name desc, location desc, kind desc limit $3) chosen
       join reprise.replays replay using (check_name, due, location, kind)
      where replay.due between $7 and $8
      order by due desc, check_name desc, location desc, kind desc`,
    [incident, before?.due, most, before?.check, before?.location, before?.kind, ...span],
  )
  return rows
}

/**
 * All failed replays of the incident are between these due times. As constants, they spare planning a query for the partitions
 * of all days.
 */
async function readSpan(pool: pg.Pool, incident: number): Promise<[Date | 'infinity', Date | 'infinity']> {
  const { rows } = await pool.query<{ first: Date | null; last: Date | null }>(
    `select min(coalesce(failing_since, opened_at)) as first,
            case when bool_and(closed_at is not null) then max(closed_at) end as last
       from reprise.incident_checks where incident = $1`,
    [incident],
  )
  const [{ first, last } = { first: null, last: null }] = rows
  // Times are read in milliseconds.
  return [first ?? 'infinity', last === null ? 'infinity' : new Date(last.getTime() + 1)]
}

/** SQL of a condition on a row of `replays`, with a row of `incident_checks`. */
const isOfMember = `replays.check_name = member.check_name and outcome = 'failed'
  and due >= coalesce(member.failing_since, member.opened_at) and due <= coalesce(member.closed_at, 'infinity')`
