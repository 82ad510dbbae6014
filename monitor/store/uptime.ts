/** How much of its replays a check has passed, from its rollups. */
import type pg from 'pg'

/** During maintenance, and by errors and replays of which nobody knows the outcome, nothing is counted. */
export interface Uptime {
  /** Passed, also on a retry or slowly. */
  up: number
  down: number
}

export type UptimeSpan = '24 hours' | '7 days' | '90 days'

/** Of all checks that are monitored, by name. Spans are made of whole hours, or days (UTC), with the one that goes on. */
export async function readUptimes(pool: pg.Pool, now: Date): Promise<ReadonlyMap<string, Record<UptimeSpan, Uptime>>> {
  const { rows } = await pool.query<Record<UptimeSpan, Uptime> & { name: string }>(
    `select name, "24 hours", "7 days", "90 days" from reprise.checks
       cross join lateral (
         select ${counted('true')} as "7 days", ${counted(`start > ${before('hour', '24 hours')}`)} as "24 hours"
           from reprise.rollups where check_name = name and period = 'hour' and start > ${before('hour', '7 days')}
       ) hours
       cross join lateral (
         select ${counted('true')} as "90 days"
           from reprise.rollups where check_name = name and period = 'day' and start > ${before('day', '90 days')}
       ) days
      where active`,
    [now],
  )
  return new Map(rows.map(({ name, ...uptimes }) => [name, uptimes]))
}

const counted = (which: string) => `jsonb_build_object(
  'up', coalesce(sum(passed + flaky + slow) filter (where ${which}), 0),
  'down', coalesce(sum(failed) filter (where ${which}), 0))`

/** Each span ends with the hour or day that goes on, so that as many of them are counted as it has. */
const before = (period: string, span: UptimeSpan) =>
  `date_trunc('${period}', $1::timestamptz, 'UTC') - interval '${span}'`
