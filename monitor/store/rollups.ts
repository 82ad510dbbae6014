/** Counts replays, their durations and the slots without one by hour and by day (UTC); kept forever. */
import type pg from 'pg'
import type { Outcome } from '../verdict/finding.ts'
import { bucketOf, type Histogram } from './histogram.ts'
import type { ReplayResult } from './replay-result.ts'

export type Period = 'hour' | 'day'

/**
 * `maintenance`: all replays and slots without one during maintenance, whatever their outcome; they count nowhere else.
 * `missed` and `skipped`: slots without a replay.
 */
type Counts = Record<Outcome | 'maintenance' | 'missed' | 'skipped', number>

export interface Rollup {
  counts: Counts
  /** Of replays that passed, were flaky or slow; in milliseconds. */
  durations: Histogram
}

/** Adds a replay to the counts, or with `by` -1 subtracts it. */
export async function countReplay(
  client: pg.PoolClient,
  { check, location, due, outcome, durationMs }: ReplayResult,
  inMaintenance: boolean,
  by: 1 | -1,
): Promise<void> {
  const column = inMaintenance ? 'maintenance' : outcome
  const worked = outcome === 'passed' || outcome === 'flaky' || outcome === 'slow'
  const bucket = worked && !inMaintenance && durationMs !== undefined ? bucketOf(durationMs) : undefined
  const durations = {
    first: bucket === undefined ? `'{}'::integer[]` : `('[${bucket}:${bucket}]={' || $4::integer || '}')::integer[]`,
    next: bucket === undefined ? '' : `, durations[${bucket}] = coalesce(known.durations[${bucket}], 0) + $4`,
  }
  await client.query(
    `insert into reprise.rollups as known (check_name, location, period, start, ${column}, durations)
     select $1, $2, period, date_trunc(period, $3::timestamptz, 'UTC'), $4::integer, ${durations.first}
       from unnest(array['hour', 'day']) period
     on conflict (check_name, period, start, location) do update
        set ${column} = known.${column} + $4${durations.next}`,
    [check, location, due, by],
  )
}

/** Sums up the rollups of a check whose period starts in `[from, to)`, at all its locations. */
export async function readRollup(pool: pg.Pool, check: string, period: Period, from: Date, to: Date): Promise<Rollup> {
  const range = [check, period, from, to]
  const counts = await pool.query<Counts>(
    `select coalesce(sum(passed), 0)::float as passed, coalesce(sum(flaky), 0)::float as flaky,
            coalesce(sum(slow), 0)::float as slow, coalesce(sum(failed), 0)::float as failed,
            coalesce(sum(error), 0)::float as error, coalesce(sum(unknown), 0)::float as unknown,
            coalesce(sum(maintenance), 0)::float as maintenance,
            coalesce(sum(missed), 0)::float as missed, coalesce(sum(skipped), 0)::float as skipped
       from reprise.rollups where check_name = $1 and period = $2 and start >= $3 and start < $4`,
    range,
  )
  const durations = await pool.query<{ bucket: number; count: number }>(
    `select bucket, sum(durations[bucket])::float as count
       from reprise.rollups, generate_subscripts(durations, 1) bucket
      where check_name = $1 and period = $2 and start >= $3 and start < $4
      group by bucket having sum(durations[bucket]) > 0 order by bucket`,
    range,
  )
  const none: Counts = {
    passed: 0,
    flaky: 0,
    slow: 0,
    failed: 0,
    error: 0,
    unknown: 0,
    maintenance: 0,
    missed: 0,
    skipped: 0,
  }
  return {
    counts: counts.rows[0] ?? none,
    durations: new Map(durations.rows.map(({ bucket, count }) => [bucket, count])),
  }
}
