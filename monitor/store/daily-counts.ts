/** Counts the replays of a check by day and outcome, and the slots without one, from its rollups. */
import type pg from 'pg'
import type { Outcome } from '../verdict/finding.ts'

export interface DayCounts extends Record<Outcome | 'missed' | 'skipped', number> {
  /** `2026-11-30`, of UTC. */
  day: string
  /** Replays and slots without one during maintenance; they count nowhere else. */
  maintenance: number
}

/** Reads the last days, oldest first, including the current one; days without slots are left out. */
export async function readDailyCounts(pool: pg.Pool, check: string, days: number, now: Date): Promise<DayCounts[]> {
  const { rows } = await pool.query<DayCounts>(
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
