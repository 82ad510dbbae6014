/** Reads the durations of the replays of checks by hour, as histograms. */
import type pg from 'pg'
import type { Histogram } from './histogram.ts'

export interface HourOfDurations {
  start: Date
  durations: Histogram
}

/** Reads the hours (UTC) from that of `from` to that of `now` in which a replay worked, oldest first, by name. */
export async function readHoursOfDurations(
  pool: pg.Pool,
  from: Date,
  now: Date,
  names: readonly string[],
): Promise<ReadonlyMap<string, HourOfDurations[]>> {
  const { rows } = await pool.query<{ name: string; start: Date; durations: Record<string, number> }>(
    `select check_name as name, start, jsonb_object_agg(bucket, count) as durations
       from (select check_name, start, bucket, sum(durations[bucket]) as count
               from reprise.rollups, generate_subscripts(durations, 1) bucket
              where check_name = any($3) and period = 'hour'
                and start between date_trunc('hour', $1::timestamptz, 'UTC') and $2
              group by check_name, start, bucket having sum(durations[bucket]) > 0) counted
      group by check_name, start order by check_name, start`,
    [from, now, names],
  )
  const byCheck = new Map<string, HourOfDurations[]>()
  for (const { name, start, durations } of rows) {
    const hours = byCheck.get(name) ?? []
    byCheck.set(name, hours)
    hours.push({
      start,
      durations: new Map(Object.entries(durations).map(([bucket, count]) => [Number(bucket), count])),
    })
  }
  return byCheck
}
