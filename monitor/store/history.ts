/** Reads the last replays and the queued slots of checks. */
import type pg from 'pg'
import type { Outcome } from '../verdict/finding.ts'
import { isChosen } from './chosen-checks.ts'
import { isAheadOfClock } from './clock-skew.ts'

export interface EndedReplay {
  due: Date
  location: string
  outcome: Outcome
  /** Null if not measured. */
  durationMs: number | null
  /** Why it did not pass; for operators only. */
  reason: string | null
}

/** Reads the last replays of each active check, at most `most`, newest first; by name. */
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

/** Reads why the last replay of a check did not pass; undefined if it did, or has no reason. */
export async function readLastReason(pool: pg.Pool, check: string): Promise<string | undefined> {
  const { rows } = await pool.query<{ reason: string | null }>(
    `select reason from reprise.replays
      where check_name = $1 and outcome is not null and not ${isAheadOfClock('due', 'now()')} order by due desc limit 1`,
    [check],
  )
  return rows[0]?.reason ?? undefined
}

/**
 * Reads the due time of the first queued slot of each check that can still be claimed, by name; such as a slot to confirm a
 * failure.
 * @param names Absent: of all checks.
 */
export async function readWaitingSlots(
  pool: pg.Pool,
  now: Date,
  names?: readonly string[],
): Promise<ReadonlyMap<string, Date>> {
  const { rows } = await pool.query<{ name: string; due: Date }>(
    `select check_name as name, min(due) as due from reprise.slots
      where state = 'due' and due > $1 and ${isChosen('check_name', '$2')} group by check_name`,
    [new Date(now.getTime() - 2 * dayMs), names],
  )
  return new Map(rows.map(({ name, due }) => [name, due]))
}

const dayMs = 86_400_000
