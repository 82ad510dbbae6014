/** Adds manual slots that are claimed at once, for runs on the command line. */
import type pg from 'pg'
import { databaseTime } from './check-locations.ts'
import { openDays } from './days.ts'
import type { Instance } from './instances.ts'
import type { Slot } from './slot.ts'

/**
 * Adds slots that are due now, claimed by the instance at its location. Returns the slots of the checks that are active
 * there and not being replayed.
 */
export async function takeNow(
  pool: pg.Pool,
  { id, location }: Instance,
  checks: readonly string[],
  environment: string,
): Promise<Slot[]> {
  const now = await databaseTime(pool)
  await openDays(pool, now, now)
  const { rows } = await pool.query<Slot>(
    `with seated as (
       update reprise.seats seat set taken_by = $4 from reprise.checks
        where checks.name = seat.check_name and checks.active and seat.active and seat.taken_by is null
          and seat.check_name = any($1) and seat.location = $2
       returning seat.check_name
     )
     insert into reprise.slots (check_name, due, location, kind, environment, state, instance)
     select check_name, $4, $2, 'manual', $5, 'claimed', $3 from seated
     returning check_name as check, due, location, kind`,
    [checks, location, id, now, environment],
  )
  return rows
}
