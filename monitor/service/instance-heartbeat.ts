/** This process among the instances: it enters, says that it lives, closes what others left, and leaves. */
import type pg from 'pg'
import type { IsInMaintenance } from '../store/check-rules.ts'
import { handBack } from '../store/claims.ts'
import { beat, enter, type Instance, leave } from '../store/instances.ts'
import { reap } from '../store/reaper.ts'

/** Several times within the time after which the others take it for dead. */
export const beatEveryMs = 4000

export interface InstanceHeartbeat {
  /** Another one after this process was taken for dead. */
  instance(): Instance
  beat(): Promise<void>
  /** Gives back what was claimed and not started. */
  handBack(): Promise<void>
  leave(): Promise<void>
}

/** Throws what the database says. */
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
