/** Records the outcome of a replay, once, with everything that follows from it, in one transaction. */
import type pg from 'pg'
import { type Batch, release, runBatch } from './batch.ts'
import { reportChange } from './changes.ts'
import type { CheckRules, IsInMaintenance } from './check-rules.ts'
import { isAheadOfClock } from './clock-skew.ts'
import { judgeCheck, lockCheck } from './judgement.ts'
import { withOperatorQuiet } from './quiet.ts'
import { measuredRequests } from './replay-phases.ts'
import type { Recorded, ReplayResult } from './replay-result.ts'
import { countReplay } from './rollups.ts'
import { storableJson, storableText } from './storable.ts'
import { inTransaction } from './transaction.ts'
import { uncountedSince } from './unwatched.ts'

/**
 * Writes the outcome; counts it; changes the check's state, opens or closes incidents, creates messages and plans a
 * confirming slot as the verdict requires. A presumed outcome is replaced by an actual one, but its slot is not judged
 * again. If the result `isAgain`, only its detail is replaced. Characters that Postgres cannot store become U+FFFD.
 */
export async function recordResult(
  pool: pg.Pool,
  outcome: ReplayResult,
  isInMaintenance: IsInMaintenance,
): Promise<Recorded> {
  if (outcome.isAgain && (await replaceDetail(pool, outcome))) return 'known'
  return inTransaction(pool, client => recordIn(client, outcome, isInMaintenance))
}

/** As `recordResult`, for a replay whose result is not expected any more. */
export async function presumeResult(
  pool: pg.Pool,
  outcome: ReplayResult,
  isInMaintenance: IsInMaintenance,
): Promise<Recorded> {
  return inTransaction(pool, client => record(client, outcome, { isInMaintenance, presumed: true }))
}

/**
 * As `recordResult`, in a transaction of the caller.
 * @param alsoAt If the check was in maintenance then, the result counts as in maintenance.
 * @param batch The results that belong together; by default those of the run.
 */
export async function recordIn(
  client: pg.PoolClient,
  outcome: ReplayResult,
  isInMaintenance: IsInMaintenance,
  alsoAt = outcome.due,
  batch?: Batch,
): Promise<Recorded> {
  return record(client, outcome, { isInMaintenance, presumed: false, alsoAt, batch })
}

interface Circumstances {
  isInMaintenance: IsInMaintenance
  presumed: boolean
  alsoAt?: Date
  batch?: Batch | undefined
}

async function record(
  client: pg.PoolClient,
  found: ReplayResult,
  { isInMaintenance, presumed, alsoAt = found.due, batch: given }: Circumstances,
): Promise<Recorded> {
  const { reason } = found
  const outcome = reason === undefined ? found : { ...found, reason: storableText(reason) }
  const check = await lockCheck(client, outcome.check)
  if (!check) return 'gone'
  const slot = [outcome.check, outcome.due, outcome.location, outcome.kind]
  const known = await client.query<{ outcome: ReplayResult['outcome'] | null; presumed: boolean; run: string }>(
    `select outcome, presumed, run from reprise.replays
      where (check_name, due, location, kind) = ($1, $2, $3, $4) and id = $5`,
    [...slot, outcome.replay],
  )
  const [replay] = known.rows
  if (!replay) return 'gone'
  if (replay.outcome !== null && (presumed || !replay.presumed)) return 'known'
  const measured = measuredRequests(outcome.detail)
  await client.query(
    `update reprise.replays
        set outcome = $5, ended_at = $6, duration_ms = $7, reason = $8, detail = $9, presumed = $10, version = $11,
            phases = $12, slowest_ms = $13, trace_id = $14
      where (check_name, due, location, kind) = ($1, $2, $3, $4)`,
    [
      ...slot,
      outcome.outcome,
      outcome.endedAt,
      outcome.durationMs ?? null,
      outcome.reason ?? null,
      outcome.detail === undefined ? null : storableJson(outcome.detail),
      presumed,
      outcome.version === undefined ? null : storableText(outcome.version),
      measured?.phases ?? null,
      measured?.slowestMs ?? null,
      outcome.traceId ?? null,
    ],
  )
  await client.query(
    `with seat as (
       update reprise.seats set taken_by = null where check_name = $1 and location = $3 and taken_by = $2
       returning location
     ), slot as (
       -- The seat is always locked before the slot.
       update reprise.slots set state = 'done', outcome = $5, reason = $6 from (select count(*) from seat) freed
        where (check_name, due, location, kind) = ($1, $2, $3, $4)
     )
     -- A slot may be waiting for this replay to end.
     select pg_notify('reprise', 'slots')
      where exists (select from reprise.slots where check_name = $1 and location = $3 and state = 'due' and due > $2)`,
    [...slot, outcome.outcome, outcome.reason ?? null],
  )
  await updateLastReplay(client, check, outcome)
  // A result may arrive late. What was counted in maintenance is then taken from there.
  const since = new Date(Math.min(uncountedSince(check).getTime(), outcome.due.getTime(), alsoAt.getTime()))
  const arranged = await withOperatorQuiet(client, check.name, isInMaintenance, since)
  const isQuiet = Object.assign(
    (name: string, at: Date) =>
      arranged(name, at) || (at.getTime() === outcome.due.getTime() && arranged(name, alsoAt)),
    arranged,
  )
  const inMaintenance = isQuiet(outcome.check, outcome.due)
  if (replay.outcome !== null) await countReplay(client, { ...outcome, outcome: replay.outcome }, inMaintenance, -1)
  await countReplay(client, outcome, inMaintenance, 1)
  const batch = given ?? runBatch(replay.run, outcome.due)
  const incidents = await judgeCheck(client, check, isQuiet, batch, outcome.endedAt)
  await release(client, batch)
  await reportChange(client, { checks: [check.name], incidents })
  return 'recorded'
}

/** Returns whether the replay has an actual outcome, whose detail is now replaced. */
async function replaceDetail(pool: pg.Pool, { check, due, location, kind, replay, detail }: ReplayResult) {
  const measured = measuredRequests(detail)
  const { rowCount } = await pool.query(
    `update reprise.replays set detail = $6, phases = $7, slowest_ms = $8
      where (check_name, due, location, kind) = ($1, $2, $3, $4) and id = $5 and outcome is not null and not presumed`,
    [
      ...[check, due, location, kind, replay],
      ...[storableJson(detail), measured?.phases ?? null, measured?.slowestMs ?? null],
    ],
  )
  return rowCount === 1
}

const lastDue = `(last_replay ->> 'due')::timestamptz`

async function updateLastReplay(client: pg.PoolClient, { name }: CheckRules, outcome: ReplayResult) {
  const { replay: id, due, location, outcome: found, durationMs = null, reason } = outcome
  await client.query(
    `update reprise.checks set last_replay = $2
      where name = $1
        and (last_replay is null or ${isAheadOfClock(lastDue)} or (${lastDue} <= $3 and not ${isAheadOfClock('$3')}))`,
    [name, JSON.stringify({ id, due, location, outcome: found, durationMs, reason }), due],
  )
}
