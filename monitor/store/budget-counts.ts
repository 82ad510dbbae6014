/** Counts what error budgets are computed from. */
import type pg from 'pg'
import { type ExcludedSpan, isLost } from './lost-slots.ts'
import type { Uptime } from './uptime.ts'

export interface BudgetCounts {
  /** Whole days (UTC), including the current one. */
  window: Uptime
  /** Which share of the window has passed since the check's first slot; 1: all of it. */
  covered: number
  lastDay: Uptime
  lastHour: Uptime
}

/**
 * Reads the counts of these checks, by name. The last day and hour are those up to `now`, exactly.
 * @param except Maintenance within the last day.
 */
export async function readBudgetCounts(
  pool: pg.Pool,
  checks: readonly { name: string; windowDays: number }[],
  now: Date,
  except: readonly ExcludedSpan[],
): Promise<ReadonlyMap<string, BudgetCounts>> {
  const { rows } = await pool.query<BudgetCounts & { name: string }>(
    `with span as (
       select * from jsonb_to_recordset($4) as span (begin timestamptz, "end" timestamptz, checks jsonb)
     )
     select name, "window", covered, "lastDay", "lastHour" from unnest($1::text[], $2::int[]) as asked (name, days)
       cross join lateral (
         select jsonb_build_object('up', coalesce(sum(passed + flaky + slow), 0), 'down', coalesce(sum(failed), 0),
                                   'unwatched', coalesce(sum(error + unknown + missed + skipped), 0)) as "window"
           from reprise.rollups
          where check_name = name and period = 'day' and start <= $3
            and start > date_trunc('day', $3::timestamptz, 'UTC') - days * interval '24 hours'
       ) rolled
       cross join lateral (
         select least(1, extract(epoch from greatest($3::timestamptz - min(start), interval '1 hour')) / (days * 86400))::float as covered
           from reprise.rollups where check_name = name and period = 'day'
       ) passed
       cross join lateral (
         select ${counted('true')} as "lastDay", ${counted('due > $6')} as "lastHour"
           from reprise.slots
          where check_name = name and due > $5 and due <= $3
            and not exists (select from span
                             where due >= span.begin and due < span."end"
                               and (span.checks is null or span.checks ? name))
       ) recent`,
    [
      ...[checks.map(({ name }) => name), checks.map(({ windowDays }) => windowDays), now, JSON.stringify(except)],
      // Constants, unlike differences, spare planning the query for the partitions of all days.
      ...[new Date(now.getTime() - 24 * hourMs), new Date(now.getTime() - hourMs)],
    ],
  )
  return new Map(rows.map(({ name, ...counts }) => [name, counts]))
}

const hourMs = 3_600_000

const counted = (which: string) => `jsonb_build_object(
  'up', count(*) filter (where ${which} and outcome in ('passed', 'flaky', 'slow')),
  'down', count(*) filter (where ${which} and outcome = 'failed'),
  'unwatched', count(*) filter (where ${which} and (outcome in ('error', 'unknown') or ${isLost})))`
