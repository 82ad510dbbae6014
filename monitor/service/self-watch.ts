/** SelfWatch: the heartbeat of this instance, and what follows from whether it could be written. */
import type pg from 'pg'
import { writeInstanceTroubles } from '../store/instance-troubles.ts'
import { keepWatch } from '../store/watch.ts'
import type { InstanceHeartbeat } from './instance-heartbeat.ts'
import type { LostDatabase } from './lost-database.ts'
import type { OwnTroubles } from './own-troubles.ts'

export interface SelfWatchOptions {
  pool: pg.Pool
  heartbeat: InstanceHeartbeat
  isMuted: boolean
  troubles: Pick<OwnTroubles, 'lasting'>
  lostDatabase: Pick<LostDatabase, 'failed' | 'worked'>
}

/** After an outage of the database, the operations that failed with it are tried again within this time. */
const recoveringMs = 120_000

/** Returns a function that writes the heartbeat. It throws the database's errors. */
export function createSelfWatch({ pool, heartbeat, isMuted, troubles, lostDatabase }: SelfWatchOptions) {
  let workedSince: number | undefined
  let lostTo: ReadonlySet<string> | undefined
  let written = ''
  return async (): Promise<void> => {
    try {
      await heartbeat.beat()
    } catch (error) {
      workedSince = undefined
      lostDatabase.failed()
      throw error
    }
    lostTo = lostDatabase.worked() ?? lostTo
    // A muted instance would hide that no other one runs.
    if (!isMuted) await keepWatch(pool, { databaseLostTo: lostTo })
    lostTo = undefined
    workedSince ??= performance.now()
    if (performance.now() - workedSince < recoveringMs) return
    const lasting = troubles.lasting()
    const instance = heartbeat.instance()
    const key = JSON.stringify([instance.id, lasting.map(({ what }) => what)])
    if (key === written || (written === '' && lasting.length === 0)) return
    await writeInstanceTroubles(pool, instance, lasting)
    written = key
  }
}
