/** Computes the uptime of checks from their rollups. */
import type pg from 'pg'

/** Counts slots outside of maintenance. */
export interface Uptime {
  /** Replays that passed, were flaky or slow. */
  up: number
  down: number
  /** Replays that ended in an error or with an unknown outcome, and slots that were missed or skipped. */
  unwatched: number
}

export type UptimeSpan = '24 hours' | '7 days' | '30 days' | '90 days'

/**
 * Reads the uptimes of these checks, by name. A span consists of whole hours or days (UTC), including the current one. A
 * span ends with the current hour or day, so that it covers as many of them as its name says.
 */
export async function readUptimes(
  pool: pg.Pool,
  now: Date,
  names: readonly string[],
): Promise<ReadonlyMap<string, Record<UptimeSpan, Uptime>>> {
  const { rows } = await pool.query<Record<UptimeSpan, Uptime> & { name: string }>(
    `select name, "24 hours", "7 days", "30 days", "90 days" from unnest($2::text[]) name
       cross join lateral (
         select ${counted('true')} as "7 days", ${counted(`start > ${before('hour', 24)}`)} as "24 hours"
           from reprise.rollups
          where check_name = name and period = 'hour' and start > ${before('hour', 7 * 24)} and start <= $1
       ) hours
       cross join lateral (
         select ${counted('true')} as "90 days", ${counted(`start > ${before('day', 30 * 24)}`)} as "30 days"
           from reprise.rollups
          where check_name = name and period = 'day' and start > ${before('day', 90 * 24)} and start <= $1
       ) days`,
    [now, names],
  )
  return new Map(rows.map(({ name, ...uptimes }) => [name, uptimes]))
}

const counted = (which: string) => `jsonb_build_object(
  'up', coalesce(sum(passed + flaky + slow) filter (where ${which}), 0),
  'down', coalesce(sum(failed) filter (where ${which}), 0),
  'unwatched', coalesce(sum(error + unknown + missed + skipped) filter (where ${which}), 0))`

/** In hours, since a day has 23 or 25 where the time zone of the session changes its offset. */
const before = (period: string, hours: number) =>
  `date_trunc('${period}', $1::timestamptz, 'UTC') - interval '${hours} hours'`
