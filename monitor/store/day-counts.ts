/** Counts what has happened to checks on each day, from their rollups. */
import type pg from 'pg'
import type { Outcome } from '../verdict/finding.ts'
import type { Uptime } from './uptime.ts'

/** A day (UTC) on which a check had slots. */
export interface DayCounts extends Uptime {
  /** Its first moment. */
  start: Date
  /** Replays and other slots during maintenance. */
  maintenance: number
  /** The check belonged to an incident at some time of the day. */
  wasDown: boolean
}

export interface CheckDays {
  /** The first day on which the check had a slot. */
  first: Date
  days: DayCounts[]
}

/** Reads the days from that of `from` to that of `now`, oldest first, by name; checks without any slot are left out. */
export async function readDayCounts(
  pool: pg.Pool,
  from: Date,
  now: Date,
  names: readonly string[],
): Promise<ReadonlyMap<string, CheckDays>> {
  const { rows } = await pool.query<{
    name: string
    first: Date
    days: (Omit<DayCounts, 'start'> & { start: string })[]
  }>(
    `with down as materialized (
       select check_name, opened_at, coalesce(closed_at, $2) as closed_at from reprise.incident_checks
        where check_name = any($3) and opened_at <= $2
     )
     select name, first, coalesce(days, '[]') as days from unnest($3::text[]) name
       cross join lateral (
         select min(start) as first from reprise.rollups where check_name = name and period = 'day' and start <= $2
       ) known
       cross join lateral (
         select jsonb_agg(to_jsonb(day) order by start) as days
           from (select start, sum(passed + flaky + slow) as up, sum(failed) as down,
                        sum(error + unknown + missed + skipped) as unwatched, sum(maintenance) as maintenance,
                        exists (select from down where down.check_name = name and opened_at < start + interval '24 hours'
                                   and closed_at >= start) as "wasDown"
                   from reprise.rollups
                  where check_name = name and period = 'day'
                    and start between date_trunc('day', $1::timestamptz, 'UTC') and $2
                  group by start) day
       ) counted
      where first is not null`,
    [from, now, names],
  )
  return new Map(
    rows.map(({ name, first, days }) => [
      name,
      { first, days: days.map(({ start, ...counts }) => ({ ...counts, start: new Date(start) })) },
    ]),
  )
}

/** A day (UTC) of one check by outcome, as programs get it. */
export interface DayOutcomes extends Record<Outcome | 'missed' | 'skipped', number> {
  /** `2026-11-30`. */
  day: string
  /** Replays and slots without one during maintenance; they count nowhere else. */
  maintenance: number
}

/** Reads the last days, oldest first, including the current one; days without slots are left out. */
export async function readDayOutcomes(pool: pg.Pool, check: string, days: number, now: Date): Promise<DayOutcomes[]> {
  const { rows } = await pool.query<DayOutcomes>(
    // In hours, since a day has 23 or 25 where the time zone of the session changes its offset.
    `select to_char(start at time zone 'UTC', 'YYYY-MM-DD') as day, ${sums}
       from reprise.rollups
      where check_name = $1 and period = 'day' and start > date_trunc('day', $2::timestamptz, 'UTC') - $3 * interval '24 hours'
      group by start order by start`,
    [check, now, days],
  )
  return rows
}

const sums = ['passed', 'flaky', 'slow', 'failed', 'error', 'unknown', 'missed', 'skipped', 'maintenance']
  .map(name => `sum(${name})::integer as ${name}`)
  .join(', ')
