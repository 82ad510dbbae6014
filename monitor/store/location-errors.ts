/** Reads errors by location: with several locations, the newest replay of a check may hide an error at another one. */
import type pg from 'pg'
import { isChosen } from './chosen-checks.ts'

export interface LocationError {
  check: string
  location: string
  /** Whether a test was started. */
  hasRun: boolean
  /** For operators only. */
  reason: string | null
}

/**
 * Of each check with several locations: those at which its last replay within two days was an error, by name.
 * @param names Absent: of all checks.
 */
export async function readLocationErrors(pool: pg.Pool, names?: readonly string[]): Promise<LocationError[]> {
  const { rows: spans } = await pool.query<{ first: Date | null; last: Date | null }>(
    `select min(${newest}) as first, max(${newest}) as last
       from reprise.checks where active and ${isChosen('name', '$1')} and ${hasSeveralLocations}`,
    [names],
  )
  const [{ first, last } = { first: null, last: null }] = spans
  if (first === null || last === null) return []
  // Constants spare planning the query for the partitions of all days. Times are read in milliseconds.
  const [after, until] = [new Date(first.getTime() - withinHours * 3_600_000), new Date(last.getTime() + 1)]
  const { rows } = await pool.query<LocationError>(
    `select name as check, seat.location, duration_ms is not null as "hasRun", reason
       from reprise.checks
       join reprise.seats seat on seat.check_name = name and seat.active
       cross join lateral (
         select outcome, duration_ms, reason from reprise.replays
          where check_name = name and location = seat.location and outcome is not null
            and due <= ${newest} and due > ${newest} - interval '${withinHours} hours' and due > $2 and due <= $3
          order by due desc, kind desc limit 1
       ) replay
      where checks.active and outcome = 'error' and ${isChosen('name', '$1')} and ${hasSeveralLocations}
      order by name, seat.location`,
    [names, after, until],
  )
  return rows
}

const withinHours = 48

const newest = `(last_replay ->> 'due')::timestamptz`

const hasSeveralLocations = `name in (
  select check_name from reprise.seats where active and ${isChosen('check_name', '$1')} group by check_name having count(*) > 1)`
