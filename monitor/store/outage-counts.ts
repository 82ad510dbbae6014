/** Counts the slots that were missed in a long outage in the rollups, without a row for each. */
import type pg from 'pg'
import type { CheckLocation } from './check-locations.ts'
import { inTransaction } from './transaction.ts'

export interface OutageCount {
  period: 'day' | 'hour'
  /** In milliseconds: the begin of the period (UTC). */
  start: number
  missed: number
  maintenance: number
}

/**
 * Moves the last due time of a check location to the end of the outage. Returns false if it is not what it was when it was
 * read: another instance has counted them.
 */
export async function countOutage(
  pool: pg.Pool,
  { check, location, lastDue }: CheckLocation,
  counts: readonly OutageCount[],
  end: Date,
): Promise<boolean> {
  return inTransaction(pool, async client => {
    const { rowCount } = await client.query(
      `update reprise.seats set last_due = $4
        where check_name = $1 and location = $2 and date_trunc('milliseconds', last_due) = $3 and active`,
      [check, location, lastDue, end],
    )
    if (rowCount === 0) return false
    await client.query(
      `insert into reprise.rollups as known (check_name, location, period, start, missed, maintenance)
       select $1, $2, period, start, missed, maintenance
         from unnest($3::text[], $4::timestamptz[], $5::integer[], $6::integer[]) count (period, start, missed, maintenance)
       on conflict (check_name, period, start, location) do update
          set missed = known.missed + excluded.missed, maintenance = known.maintenance + excluded.maintenance`,
      [
        ...[check, location, counts.map(({ period }) => period), counts.map(({ start }) => new Date(start))],
        ...[counts.map(({ missed }) => missed), counts.map(({ maintenance }) => maintenance)],
      ],
    )
    return true
  })
}
