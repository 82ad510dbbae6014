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
  const { rows } = await pool.query<LocationError>(
    `select name as check, seat.location, duration_ms is not null as "hasRun", reason
       from reprise.checks
       join reprise.seats seat on seat.check_name = name and seat.active
       cross join lateral (
         select outcome, duration_ms, reason from reprise.replays
          where check_name = name and location = seat.location and outcome is not null
            and due <= ${newest} and due > ${newest} - interval '48 hours'
          order by due desc, kind desc limit 1
       ) replay
      where checks.active and outcome = 'error' and ${isChosen('name', '$1')}
        and exists (select from reprise.seats other
                     where other.check_name = name and other.active and other.location <> seat.location)
      order by name, seat.location`,
    [names],
  )
  return rows
}

const newest = `(last_replay ->> 'due')::timestamptz`
