/** Judges heartbeats that are late, and runs that are too long. */
import type pg from 'pg'
import { utcText } from '../utc-text.ts'
import { type Batch, countedBatch, release } from './batch.ts'
import type { IsInMaintenance } from './check-rules.ts'
import { type HeartbeatEvent, recordEvent } from './heartbeat-event.ts'
import { earliest, expectedAfterMissed, type NextDue } from './heartbeat-expectation.ts'
import { type ActiveHeartbeat, type HeartbeatRun, readRuns, readWaiting, type WaitingHeartbeat } from './heartbeats.ts'
import { type LockedCheck, lockCheck } from './judgement.ts'
import { inTransaction } from './transaction.ts'

/**
 * Judges those of the heartbeats that are late now, each once, whatever the number of instances; they are reported
 * together. Where a report may have been lost, it has no evidence. Returns their names.
 */
export async function judgeLate(
  pool: pg.Pool,
  heartbeats: readonly ActiveHeartbeat[],
  isInMaintenance: IsInMaintenance,
): Promise<string[]> {
  const schedules = new Map(heartbeats.map(({ name, nextDue }) => [name, nextDue]))
  const { rows } = await pool.query<{ name: string }>(
    `select name from reprise.heartbeats join reprise.checks on name = check_name
      where active and name = any($1)
        and (expected + (rules -> 'heartbeat' ->> 'graceMs')::float * interval '1 ms' <= clock_timestamp()
          or exists (select from reprise.heartbeat_runs run
                      where run.check_name = name and not overdue and ends_by <= clock_timestamp()))
      order by expected, name`,
    [[...schedules.keys()]],
  )
  const judged: string[] = []
  const batch = countedBatch(rows.length)
  for (const { name } of rows) {
    const nextDue = schedules.get(name)
    await inTransaction(pool, async client => {
      batch.left--
      const isLate = nextDue && (await judgeOne(client, name, { nextDue, isInMaintenance, batch }))
      if (isLate) judged.push(name)
      await release(client, batch)
    })
  }
  return judged
}

interface Rules {
  nextDue: NextDue
  isInMaintenance: IsInMaintenance
  batch: Batch
}

async function judgeOne(
  client: pg.PoolClient,
  name: string,
  { nextDue, isInMaintenance, batch }: Rules,
): Promise<boolean> {
  const check = await lockCheck(client, name)
  const waiting = check?.heartbeat && (await readWaiting(client, name))
  if (!check || !waiting) return false
  const runs = await readRuns(client, name)
  const tooLong = runs.filter(({ endsBy, overdue }) => !overdue && endsBy !== null && endsBy <= check.now)
  const missed = missedDue(check, waiting, runs)
  const event = eventOf(check, { tooLong, missed, blindUntil: waiting.blindUntil, nextDue })
  if (!event) return false
  if (missed && check.heartbeat)
    await client.query('update reprise.heartbeats set expected = $2 where check_name = $1', [
      name,
      expectedAfterMissed(
        check.heartbeat,
        missed.due,
        { now: check.now, blindUntil: event.outcome === 'unknown' ? waiting.blindUntil : null },
        nextDue,
      ),
    ])
  await client.query('update reprise.heartbeat_runs set overdue = true where check_name = $1 and rid = any($2)', [
    ...[name, tooLong.map(({ rid }) => rid)],
  ])
  await recordEvent(client, check, event, isInMaintenance, batch)
  return true
}

interface Missed {
  due: Date
  /** Until when its report could come. */
  until: Date
}

/** While a run is under way that may still end, no other report is waited for. */
function missedDue(
  { heartbeat, now }: LockedCheck,
  { expected }: WaitingHeartbeat,
  runs: readonly HeartbeatRun[],
): Missed | undefined {
  if (!heartbeat || expected === null) return undefined
  const until = new Date(expected.getTime() + heartbeat.graceMs)
  const isUnderWay = runs.some(({ endsBy, overdue }) => !overdue && (endsBy === null || endsBy > now))
  return until > now || isUnderWay ? undefined : { due: expected, until }
}

interface Found {
  tooLong: readonly HeartbeatRun[]
  missed: Missed | undefined
  blindUntil: Date | null
  nextDue: NextDue
}

/** One event, also for several faults. */
function eventOf(
  { heartbeat }: LockedCheck,
  { tooLong, missed, blindUntil, nextDue }: Found,
): HeartbeatEvent | undefined {
  const mayBeLost = (since: Date) => blindUntil !== null && blindUntil > since
  const ofRuns = tooLong.map(({ began, endsBy }) => ({
    at: endsBy ?? began,
    maintainedAt: began,
    isLost: mayBeLost(began),
    text: `The run that began at ${utcText(began)} had not ended by ${utcText(endsBy ?? began)}`,
  }))
  const ofDue =
    missed && heartbeat
      ? [
          {
            at: missed.until,
            maintainedAt: missed.due,
            isLost: mayBeLost(earliest(heartbeat, missed.due, nextDue)),
            text: `It was due at ${utcText(missed.due)}, and no report had come by ${utcText(missed.until)}`,
          },
        ]
      : []
  const faults = [...ofRuns, ...ofDue]
  const fault = faults.find(({ isLost }) => !isLost) ?? faults[0]
  if (!fault) return undefined
  const { at, maintainedAt, isLost, text } = fault
  const lost = `; its report may have been lost, since no monitor listened for a time until ${utcText(blindUntil ?? at)}.`
  return { at, maintainedAt, outcome: isLost ? 'unknown' : 'failed', reason: isLost ? `${text}${lost}` : `${text}.` }
}
