/** Watches the heartbeats: notes that this instance listens to reports, and judges what is late. */
import type pg from 'pg'
import { databaseTime } from '../store/check-locations.ts'
import type { IsInMaintenance } from '../store/check-rules.ts'
import { areOthersListening, haveOthersListened, noteListening } from '../store/heartbeat-watch.ts'
import type { ActiveHeartbeat } from '../store/heartbeats.ts'
import { judgeLate } from '../store/late-heartbeats.ts'
import { beatEveryMs } from './instance-heartbeat.ts'
import { type Loop, startLoop } from './loop.ts'

export interface HeartbeatWatchOptions {
  pool: pg.Pool
  /** The id of this instance. */
  instance(): string
  heartbeats(): readonly ActiveHeartbeat[]
  isInMaintenance: IsInMaintenance
  /** What a muted instance judges is not alerted at once, so that it leaves it to others, while there are any. */
  isMuted: boolean
  onError(error: Error): void
  onDone(): void
}

/**
 * Starts to listen. Whether another instance has listened all the time is known when that has written its own heartbeat:
 * until then nothing is judged here.
 */
export function startHeartbeatWatch({
  pool,
  instance,
  heartbeats,
  isInMaintenance,
  isMuted,
  ...events
}: HeartbeatWatchOptions): Loop {
  let began: Date | undefined
  let isListening = false
  return startLoop({
    ...events,
    work: async () => {
      if (isMuted && (await areOthersListening(pool))) {
        began = undefined
        isListening = false
        return beatEveryMs
      }
      if (began === undefined) {
        began = await databaseTime(pool)
        return 1.5 * beatEveryMs
      }
      const hasBegun = !isListening && !(await haveOthersListened(pool, instance(), began))
      await noteListening(pool, heartbeats(), hasBegun)
      isListening = true
      await judgeLate(pool, heartbeats(), isInMaintenance)
      return beatEveryMs
    },
  })
}
