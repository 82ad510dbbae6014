/** Takes results to the database; while it is away they wait on disk, and in memory if the disk is full. */

import { isRefusal } from '../store/refusal.ts'
import type { ReplayResult } from '../store/replay-result.ts'
import { recordResult } from '../store/replays.ts'
import { type SettleOptions, settleResult } from './settled-result.ts'
import { settleUnreadable } from './unreadable-result.ts'

export interface Results {
  /** Never throws: what cannot be recorded now is recorded later. */
  take(outcome: ReplayResult): Promise<void>
  /**
   * Records what waits; what the database will never take, or nobody can read, is set aside. Throws why that is not
   * possible; then it waits on, on disk if there is room again.
   */
  catchUp(): Promise<void>
  /** What waits in memory: it is lost with this process. */
  unkept(): readonly ReplayResult[]
}

export interface ResultsOptions extends SettleOptions {
  /** Whether results can be recorded. */
  recording: Watched
  /** Whether those that cannot be can be kept on disk. */
  keeping: Watched
}

interface Watched {
  onError(error: Error): void
  onDone(): void
}

export function openResults(options: ResultsOptions): Results {
  const { pool, spool, isInMaintenance, recording, keeping } = options
  // Where the disk takes nothing either.
  let unkept: ReplayResult[] = []
  // So that nobody waits for a database that is away, result by result.
  let isAway = false
  /** A result that is kept again must not be taken for the one that has just gone in. */
  let draining: Promise<unknown> = Promise.resolve()
  const keep = async (outcome: ReplayResult) => {
    try {
      await spool.keep(outcome)
    } catch (error) {
      // A result that is taken again has more to tell.
      unkept = [...unkept.filter(({ replay }) => replay !== outcome.replay), outcome]
      keeping.onError(error as Error)
    }
  }
  /** Hands over what is in memory, as `Spool.drain` does. */
  const passOn = async (take: (outcome: ReplayResult) => Promise<boolean>) => {
    for (const outcome of [...unkept]) {
      if (await take(outcome)) unkept = unkept.filter(other => other !== outcome)
    }
    if (unkept.length === 0) keeping.onDone()
  }
  return {
    unkept: () => unkept,
    async take(outcome) {
      if (isAway) {
        await draining
        await keep(outcome)
        return
      }
      try {
        await recordResult(pool, outcome, isInMaintenance)
      } catch (error) {
        // What is refused is settled with what waits.
        if (!isRefusal(error)) {
          isAway = true
          recording.onError(error as Error)
        }
        await draining
        await keep(outcome)
      }
    },
    async catchUp() {
      let unsettled: Error | undefined
      const noted = (error: Error | undefined) => {
        unsettled ??= error
        return error === undefined
      }
      const settleOrNote = async (outcome: ReplayResult) => noted(await settleResult(outcome, options))
      try {
        await passOn(settleOrNote)
        const drained = spool.drain(settleOrNote, async unreadable => {
          noted(await settleUnreadable(unreadable, options))
        })
        draining = drained.catch(() => undefined)
        await drained
        isAway = false
      } catch (error) {
        await passOn(async outcome => spool.keep(outcome).then(() => true)).catch(keeping.onError)
        throw error
      }
      if (unsettled) recording.onError(unsettled)
      else recording.onDone()
    },
  }
}
