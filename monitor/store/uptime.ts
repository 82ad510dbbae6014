/** Computes the uptime of checks from their rollups. */
import type pg from 'pg'

/** Counts replays; without those during maintenance, and those with an outcome of `error` or `unknown`. */
export interface Uptime {
  /** Passed, flaky or slow. */
  up: number
  down: number
}

export type UptimeSpan = '24 hours' | '7 days' | '90 days'

/**
 * Reads the uptimes of all active checks, by name. A span consists of whole hours or days (UTC), including the current
 * one.
 */
export async function readUptimes(pool: pg.Pool, now: Date): Promise<ReadonlyMap<string, Record<UptimeSpan, Uptime>>> {
  const { rows } = await pool.query<Record<UptimeSpan, Uptime> & { name: string }>(
    `select name, "24 hours", "7 days", "90 days" from reprise.checks
       cross join lateral (
         select ${counted('true')} as "7 days", ${counted(`start > ${before('hour', 24)}`)} as "24 hours"
           from reprise.rollups where check_name = name and period = 'hour' and start > ${before('hour', 7 * 24)}
       ) hours
       cross join lateral (
         select ${counted('true')} as "90 days"
           from reprise.rollups where check_name = name and period = 'day' and start > ${before('day', 90 * 24)}
       ) days
      where active`,
    [now],
  )
  return new Map(rows.map(({ name, ...uptimes }) => [name, uptimes]))
}

const counted = (which: string) => `jsonb_build_object(
  'up', coalesce(sum(passed + flaky + slow) filter (where ${which}), 0),
  'down', coalesce(sum(failed) filter (where ${which}), 0))`

/**
 * A span ends with the current hour or day, so that it covers as many of them as its name says. In hours, since a day has 23
 * or 25 where the time zone of the session changes its offset.
 */
const before = (period: string, hours: number) =>
  `date_trunc('${period}', $1::timestamptz, 'UTC') - interval '${hours} hours'`
