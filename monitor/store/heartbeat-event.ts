/** Records what a heartbeat shows: a slot that is done, with its replay, so that all that follows is that of checks. */
import { randomUUID } from 'node:crypto'
import type pg from 'pg'
import type { Outcome } from '../verdict/finding.ts'
import type { Batch } from './batch.ts'
import type { IsInMaintenance } from './check-rules.ts'
import { openDays } from './days.ts'
import type { LockedCheck } from './judgement.ts'
import { recordIn } from './replays.ts'

/** The location of the slots of heartbeats, which no instance has to replay. */
const reported = 'heartbeat'

export interface HeartbeatEvent {
  at: Date
  outcome: Outcome
  durationMs?: number | undefined
  reason?: string | undefined
  /** The output of the job. */
  output?: string | undefined
  /** If the check was in maintenance then, it counts as in maintenance. */
  maintainedAt?: Date | undefined
}

/**
 * At most one of a check in a transaction. The caller has locked the check, and judges events in the order of time.
 * @param batch Events that are judged together with this one.
 */
export async function recordEvent(
  client: pg.PoolClient,
  check: LockedCheck,
  { at, outcome, durationMs, reason, output, maintainedAt = at }: HeartbeatEvent,
  isInMaintenance: IsInMaintenance,
  batch?: Batch,
): Promise<void> {
  const due = new Date(Math.max(at.getTime(), (check.judgedUntil?.getTime() ?? 0) + 1))
  const replay = randomUUID()
  const run = randomUUID()
  await openDays(client, due, due)
  const slot = [check.name, due, reported]
  await client.query(
    `insert into reprise.slots (check_name, due, location, kind, environment, state, run)
     values ($1, $2, $3, 'cron', $4, 'running', $5)`,
    [...slot, check.environment, run],
  )
  await client.query(
    `insert into reprise.replays (check_name, due, location, kind, id, run, started_at)
     values ($1, $2, $3, 'cron', $4, $5, $6)`,
    [...slot, replay, run, new Date(due.getTime() - (durationMs ?? 0))],
  )
  await recordIn(
    client,
    {
      ...{ check: check.name, due, location: reported, kind: 'cron', replay, outcome, endedAt: due },
      ...(durationMs !== undefined && { durationMs }),
      ...(reason !== undefined && { reason }),
      ...(output !== undefined && { detail: { output } }),
    },
    isInMaintenance,
    maintainedAt,
    batch,
  )
}
