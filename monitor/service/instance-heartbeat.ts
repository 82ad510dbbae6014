/** Keeps this process registered as an instance: registers it, writes its heartbeat, cleans up after dead instances. */
import type pg from 'pg'
import type { IsInMaintenance } from '../store/check-rules.ts'
import { handBack } from '../store/claims.ts'
import { beat, enter, type Instance, leave } from '../store/instances.ts'
import { reap } from '../store/reaper.ts'

/** Several times within `deadAfterMs`. */
export const beatEveryMs = 4000

export interface InstanceHeartbeat {
  /** A new one after this process was taken for dead. */
  instance(): Instance
  beat(): Promise<void>
  /** Returns the claimed slots that were not started to the queue. */
  handBack(): Promise<void>
  leave(): Promise<void>
}

/** Throws the database's errors. */
export async function startInstanceHeartbeat(
  pool: pg.Pool,
  place: Omit<Instance, 'id'>,
  isInMaintenance: IsInMaintenance,
): Promise<InstanceHeartbeat> {
  let instance = await enter(pool, place)
  return {
    instance: () => instance,
    async beat() {
      if (!(await beat(pool, instance))) instance = await enter(pool, place)
      await reap(pool, instance, isInMaintenance)
    },
    handBack: async () => {
      await handBack(pool, instance)
    },
    leave: () => leave(pool, instance),
  }
}
