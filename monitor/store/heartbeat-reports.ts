/** Records the reports of heartbeats. */
import type pg from 'pg'
import { utcText } from '../utc-text.ts'
import { reportChange } from './changes.ts'
import type { IsInMaintenance } from './check-rules.ts'
import { recordEvent } from './heartbeat-event.ts'
import { endsBy, expectedAfterReport, type HeartbeatRules, type NextDue } from './heartbeat-expectation.ts'
import { type HeartbeatRun, readRuns, readWaiting } from './heartbeats.ts'
import { type LockedCheck, lockCheck } from './judgement.ts'
import { inTransaction } from './transaction.ts'

export interface HeartbeatReport {
  check: string
  /** The run has begun, has worked, or has failed. */
  kind: 'start' | 'passed' | 'failed'
  /** Tells runs apart that overlap; empty: none. */
  rid: string
  /** Why it has failed. */
  reason?: string | undefined
  /** The output of the job. */
  output?: string | undefined
}

/** Clients send a report again whose response they have not received. */
const repeatedWithinMs = 30_000

/** More runs that never end are forgotten, the oldest first. */
const mostRuns = 100

/** Takes a report at the database's time. Returns false if no such heartbeat is watched. */
export async function recordReport(
  pool: pg.Pool,
  report: HeartbeatReport,
  nextDue: NextDue,
  isInMaintenance: IsInMaintenance,
): Promise<boolean> {
  return inTransaction(pool, async client => {
    const check = await lockCheck(client, report.check)
    const waiting = check?.heartbeat && (await readWaiting(client, check.name))
    if (!check?.heartbeat || !waiting) return false
    const { heartbeat, now: at } = check
    const runs = await readRuns(client, check.name)
    const known = runs.find(({ rid }) => rid === report.rid)
    const isStart = report.kind === 'start'
    const about = { at, beginsOrStandsAlone: isStart || known === undefined }
    const expected = expectedAfterReport(heartbeat, waiting.expected, about, nextDue)
    await client.query('update reprise.heartbeats set expected = $2, reported_at = $3 where check_name = $1', [
      ...[check.name, expected, at],
    ])
    if (isStart) await begin(client, check, { rules: heartbeat, rid: report.rid, known, expected }, isInMaintenance)
    else await end(client, check, report, known, isInMaintenance)
    await reportChange(client, { checks: [check.name], incidents: [] })
    return true
  })
}

interface Beginning {
  rules: HeartbeatRules
  rid: string
  /** A run with the same id that has not ended. */
  known: HeartbeatRun | undefined
  expected: Date | null
}

async function begin(
  client: pg.PoolClient,
  check: LockedCheck,
  { rules, rid, known, expected }: Beginning,
  isInMaintenance: IsInMaintenance,
): Promise<void> {
  const at = check.now
  // With an id it is the same run, however late it is reported again.
  const isRepeated = known && (rid !== '' || at.getTime() - known.began.getTime() < repeatedWithinMs)
  if (isRepeated) return
  await client.query(
    `insert into reprise.heartbeat_runs (check_name, rid, began_at, ends_by) values ($1, $2, $3, $4)
     on conflict (check_name, rid) do update
        set began_at = excluded.began_at, ends_by = excluded.ends_by, overdue = false`,
    [check.name, rid, at, endsBy(rules, at, expected)],
  )
  await client.query(
    `delete from reprise.heartbeat_runs
      where check_name = $1
        and rid in (select rid from reprise.heartbeat_runs where check_name = $1 order by began_at desc, rid offset $2)`,
    [check.name, mostRuns],
  )
  if (!known || known.overdue) return
  const reason = `The run that began at ${utcText(known.began)} did not report its end before the next one began.`
  await recordEvent(client, check, { at, outcome: 'failed', reason }, isInMaintenance)
}

async function end(
  client: pg.PoolClient,
  check: LockedCheck,
  { kind, rid, reason, output }: HeartbeatReport,
  known: HeartbeatRun | undefined,
  isInMaintenance: IsInMaintenance,
): Promise<void> {
  const at = check.now
  if (known)
    await client.query('delete from reprise.heartbeat_runs where check_name = $1 and rid = $2', [check.name, rid])
  const durationMs = known && Math.max(0, at.getTime() - known.began.getTime())
  const outcome = kind === 'failed' ? 'failed' : 'passed'
  await recordEvent(client, check, { at, outcome, durationMs, reason, output }, isInMaintenance)
}
