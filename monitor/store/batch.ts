/** Batches results that belong together, so that their news goes out in one message. */
import { randomUUID } from 'node:crypto'
import type pg from 'pg'
import { completeMessages } from './held-falls.ts'
import { lockIncidents } from './incidents.ts'
import { wakeForMessages } from './wake.ts'

export interface Batch {
  /** A UUID. */
  readonly id: string
  /** Returns whether further results of the batch will follow. */
  isUnderWay(client: pg.PoolClient): Promise<boolean>
}

/** How long a message waits for the other results of its batch at most, in milliseconds. */
export const heldForMs = 5_000

/** The replays of one run and due time. */
export function runBatch(run: string, due: Date): Batch {
  return {
    id: run,
    async isUnderWay(client) {
      const { rows } = await client.query<{ isUnderWay: boolean }>(
        `select exists (select from reprise.replays where run = $1 and due = $2 and ended_at is null) as "isUnderWay"`,
        [run, due],
      )
      return rows[0]?.isUnderWay ?? false
    },
  }
}

/** A fixed number of checks that are judged one after the other; the caller decrements `left`. */
export function countedBatch(left: number): Batch & { left: number } {
  return {
    id: randomUUID(),
    left,
    async isUnderWay() {
      return this.left > 0
    },
  }
}

/** Completes and releases the messages that wait for the batch, once that is complete. */
export async function release(client: pg.PoolClient, batch: Batch): Promise<void> {
  const { rowCount } = await client.query('select from reprise.outbox where held_for = $1 limit 1', [batch.id])
  if (!rowCount || (await batch.isUnderWay(client))) return
  // Transactions that change messages always lock in this order, so that they do not deadlock.
  await lockIncidents(client)
  await completeMessages(client, 'held_for = $1', [batch.id])
  await client.query(
    `update reprise.outbox set held_for = null, next_attempt = case when attempts = 0 then least(created_at, clock_timestamp()) else next_attempt end
      where held_for = $1`,
    [batch.id],
  )
  await wakeForMessages(client)
}
