/** What is shown of a check beside its state: its last replays, and the slot that waits. */
import type pg from 'pg'
import type { Outcome } from '../verdict/finding.ts'
import { isAheadOfClock } from './clock-skew.ts'

export interface EndedReplay {
  due: Date
  location: string
  outcome: Outcome
  /** Null where nobody knows. */
  durationMs: number | null
  /** Why it did not pass, for those who operate the service. */
  reason: string | null
}

/** So many of each check that is monitored, by name, the newest first. */
export async function readLastReplays(pool: pg.Pool, most: number): Promise<ReadonlyMap<string, EndedReplay[]>> {
  const { rows } = await pool.query<EndedReplay & { name: string }>(
    `select name, replay.* from reprise.checks
       cross join lateral (
         select due, location, outcome, duration_ms as "durationMs", reason from reprise.replays
          where check_name = name and outcome is not null and not ${isAheadOfClock('due', 'now()')}
          order by due desc limit $1
       ) replay
      where active order by name, due desc, location`,
    [most],
  )
  const byCheck = new Map<string, EndedReplay[]>()
  for (const { name, ...replay } of rows) byCheck.set(name, [...(byCheck.get(name) ?? []), replay])
  return byCheck
}

/** Why the last replay of a check did not pass; undefined where there is nothing to say. */
export async function readLastReason(pool: pg.Pool, check: string): Promise<string | undefined> {
  const { rows } = await pool.query<{ reason: string | null }>(
    `select reason from reprise.replays
      where check_name = $1 and outcome is not null and not ${isAheadOfClock('due', 'now()')} order by due desc limit 1`,
    [check],
  )
  return rows[0]?.reason ?? undefined
}

/** When the first slot of each check is due that is in the queue already, such as one to confirm a failure. */
export async function readWaitingSlots(pool: pg.Pool): Promise<ReadonlyMap<string, Date>> {
  const { rows } = await pool.query<{ name: string; due: Date }>(
    `select check_name as name, min(due) as due from reprise.slots where state = 'due' group by check_name`,
  )
  return new Map(rows.map(({ name, due }) => [name, due]))
}
