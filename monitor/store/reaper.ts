/** Cleans up after dead instances. */
import type pg from 'pg'
import type { IsInMaintenance } from './check-rules.ts'
import { handBack } from './claims.ts'
import { deadAfterMs, type Instance, isSilent } from './instances.ts'
import { presumeResult } from './replays.ts'
import type { Slot } from './slot.ts'

export interface Reaped {
  instances: number
  /** Slots that were returned to the queue. */
  handedBack: number
  /** Replays that were under way, closed as `error: monitor died`. */
  closed: number
}

/**
 * Returns the claimed slots of dead instances to the queue, and closes their replays. Only an instance that itself has
 * been alive for `deadAfterMs` may do so: after an outage of the database all heartbeats are old.
 */
export async function reap(pool: pg.Pool, { id }: Instance, isInMaintenance: IsInMaintenance): Promise<Reaped> {
  const { rows: dead } = await pool.query<{ id: string }>(
    `select dead.id from reprise.instances dead, reprise.instances own
      where own.id = $1 and own.alive_since < clock_timestamp() - $2 * interval '1 ms'
        and ${isSilent('dead')}`,
    [id, deadAfterMs],
  )
  const reaped: Reaped = { instances: 0, handedBack: 0, closed: 0 }
  for (const instance of dead) {
    // Removed first: if it is alive after all, its next heartbeat returns false, and it registers again.
    await pool.query(`delete from reprise.instances where id = $1 and ${isSilent('instances')}`, [
      instance.id,
      deadAfterMs,
    ])
  }
  const { rows: orphans } = await pool.query<{ instance: string; state: string }>(
    `select distinct instance from reprise.slots
      where state in ('claimed', 'running') and instance not in (select id from reprise.instances)`,
  )
  for (const { instance } of orphans) {
    reaped.handedBack += await handBack(pool, { id: instance })
    reaped.closed += await closeRunning(pool, instance, isInMaintenance)
  }
  return { ...reaped, instances: dead.length }
}

async function closeRunning(pool: pg.Pool, instance: string, isInMaintenance: IsInMaintenance): Promise<number> {
  const { rows } = await pool.query<Slot & { replay: string }>(
    `select check_name as check, due, location, kind, replay.id as replay
       from reprise.slots slot join reprise.replays replay using (check_name, due, location, kind)
      where slot.instance = $1 and slot.state = 'running'`,
    [instance],
  )
  let closed = 0
  for (const slot of rows) {
    const outcome = { ...slot, outcome: 'error', reason: 'monitor died', endedAt: new Date() } as const
    if ((await presumeResult(pool, outcome, isInMaintenance)) === 'recorded') closed++
  }
  return closed
}
