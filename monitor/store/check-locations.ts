/** Where checks are replayed: each check has a seat at each of its locations. */
import type pg from 'pg'

export interface CheckLocation {
  check: string
  location: string
  /** Of the schedule; before the first, when the check was configured. */
  lastDue: Date
}

/** The last slot of each check that is monitored, at each of its locations. */
export async function readCheckLocations(pool: pg.Pool): Promise<CheckLocation[]> {
  const { rows } = await pool.query<CheckLocation>(
    `select check_name as check, location, last_due as "lastDue" from reprise.seats where active
      order by check_name, location`,
  )
  return rows
}

/** The database's time, by which all instances go. */
export async function databaseTime(pool: pg.Pool): Promise<Date> {
  const { rows } = await pool.query<{ now: Date }>('select clock_timestamp() as now')
  return rows[0]?.now ?? new Date()
}
