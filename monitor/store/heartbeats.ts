/** Heartbeats: the jobs that report to the monitor, and what is waited for. Each is a check without locations. */
import type pg from 'pg'
import { type Expected, firstExpected, type HeartbeatRules, type NextDue } from './heartbeat-expectation.ts'
import { inTransaction } from './transaction.ts'

/** A heartbeat of the active configuration. */
export interface ActiveHeartbeat extends HeartbeatRules {
  name: string
  /** Any text that identifies the schedule. */
  schedule: string
  nextDue: NextDue
}

export interface WaitingHeartbeat {
  expected: Expected
  /** Up to then reports may have been lost; null: none. */
  blindUntil: Date | null
}

export interface HeartbeatRun {
  /** Empty: the job gave none. */
  rid: string
  began: Date
  endsBy: Date | null
  overdue: boolean
}

/** Its state, for pages. */
export interface HeartbeatProgress extends Pick<WaitingHeartbeat, 'expected'> {
  /** Of the last report of any kind. */
  reportedAt: Date | null
  /** Under way, the oldest first. */
  runs: HeartbeatRun[]
}

/**
 * Waits for these heartbeats, whose checks are active: one that is new, or whose schedule has changed, from `now` on.
 * Forgets those whose checks are not active.
 */
export async function setHeartbeats(pool: pg.Pool, heartbeats: readonly ActiveHeartbeat[], now: Date): Promise<void> {
  await inTransaction(pool, async client => {
    await client.query(`select pg_advisory_xact_lock(hashtextextended('reprise.checks', 0))`)
    await client.query(
      `delete from reprise.heartbeats using reprise.checks
        where checks.name = check_name and not (active and rules ? 'heartbeat')`,
    )
    await client.query(
      `insert into reprise.heartbeats as known (check_name, schedule, expected)
       select wanted.* from unnest($1::text[], $2::text[], $3::timestamptz[]) wanted (name, schedule, expected)
         join reprise.checks using (name) where active and rules ? 'heartbeat'
        order by name
       on conflict (check_name) do update set schedule = excluded.schedule, expected = excluded.expected
        where known.schedule <> excluded.schedule`,
      [
        heartbeats.map(({ name }) => name),
        heartbeats.map(({ schedule }) => schedule),
        heartbeats.map(heartbeat => firstExpected(heartbeat, now, heartbeat.nextDue)),
      ],
    )
  })
}

/** The caller has locked the check. */
export async function readWaiting(client: pg.ClientBase, name: string): Promise<WaitingHeartbeat | undefined> {
  const { rows } = await client.query<WaitingHeartbeat>(
    `select expected, blind_until as "blindUntil" from reprise.heartbeats where check_name = $1`,
    [name],
  )
  return rows[0]
}

/** The runs that have not ended, the oldest first. */
export async function readRuns(client: pg.Pool | pg.ClientBase, name: string): Promise<HeartbeatRun[]> {
  const { rows } = await client.query<HeartbeatRun>(
    `select rid, began_at as began, ends_by as "endsBy", overdue from reprise.heartbeat_runs
      where check_name = $1 order by began_at, rid`,
    [name],
  )
  return rows
}

/** Undefined if it is not a heartbeat that is watched. */
export async function readProgress(pool: pg.Pool, name: string): Promise<HeartbeatProgress | undefined> {
  const { rows } = await pool.query<Omit<HeartbeatProgress, 'runs'>>(
    `select expected, reported_at as "reportedAt" from reprise.heartbeats where check_name = $1`,
    [name],
  )
  return rows[0] && { ...rows[0], runs: await readRuns(pool, name) }
}

/** Reads when each heartbeat is expected next, by name; without those of whose schedule no time is left. */
export async function readExpected(pool: pg.Pool): Promise<ReadonlyMap<string, Date>> {
  const { rows } = await pool.query<{ name: string; expected: Date }>(
    'select check_name as name, expected from reprise.heartbeats where expected is not null',
  )
  return new Map(rows.map(({ name, expected }) => [name, expected]))
}
