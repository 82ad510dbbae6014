/** Results that belong together and come one after the other: what they owe is told in one message. */
import { randomUUID } from 'node:crypto'
import type pg from 'pg'
import { lockIncidents } from './incidents.ts'
import { wakeForMessages } from './wake.ts'

export interface Batch {
  /** A UUID. */
  readonly id: string
  /** Whether more of it is to come. */
  isUnderWay(client: pg.PoolClient): Promise<boolean>
}

/** For so long, in milliseconds, a message waits at most for the other results. */
export const heldForMs = 5_000

/** The replays of a run; its slots were due at one time. */
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

/** So many that are judged one after the other; the caller counts down `left`. */
export function countedBatch(left: number): Batch & { left: number } {
  return {
    id: randomUUID(),
    left,
    async isUnderWay() {
      return this.left > 0
    },
  }
}

/** Sends what waits for the others, if all have come. */
export async function release(client: pg.PoolClient, batch: Batch): Promise<void> {
  const { rowCount } = await client.query('select from reprise.outbox where held_for = $1 limit 1', [batch.id])
  if (!rowCount || (await batch.isUnderWay(client))) return
  // So that two who change messages wait for each other in one order.
  await lockIncidents(client)
  await client.query(
    `update reprise.outbox set held_for = null, next_attempt = case when attempts = 0 then least(created_at, clock_timestamp()) else next_attempt end
      where held_for = $1`,
    [batch.id],
  )
  await wakeForMessages(client)
}
