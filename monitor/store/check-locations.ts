/** Check locations: one row for each check and location at which it is replayed. */
import type pg from 'pg'

export interface CheckLocation {
  check: string
  location: string
  /** Due time of the last slot by the schedule; before the first slot, when the check was configured. */
  lastDue: Date
}

/** Reads the last due time of each active check at each of its locations. */
export async function readCheckLocations(pool: pg.Pool): Promise<CheckLocation[]> {
  const { rows } = await pool.query<CheckLocation>(
    `select check_name as check, location, last_due as "lastDue" from reprise.seats where active
      order by check_name, location`,
  )
  return rows
}

/** Reads the database's clock, which all instances share. */
export async function databaseTime(pool: pg.Pool): Promise<Date> {
  const { rows } = await pool.query<{ now: Date }>('select clock_timestamp() as now')
  return rows[0]?.now ?? new Date()
}
