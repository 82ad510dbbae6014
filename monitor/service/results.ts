/** Records results in the database. While that is unavailable they wait on disk, and in memory if the disk is full. */

import { isRefusal } from '../store/refusal.ts'
import type { ReplayResult } from '../store/replay-result.ts'
import { recordResult } from '../store/replays.ts'
import type { OperationEvents } from './operations.ts'
import { type SettleOptions, settleResult } from './settled-result.ts'
import { settleUnreadable } from './unreadable-result.ts'

export interface Results {
  /** Never rejects: a result that cannot be recorded now is recorded later. */
  take(outcome: ReplayResult): Promise<void>
  /**
   * Records the waiting results. Those that the database always rejects, and unreadable files, are set aside. Throws
   * the error that prevents it; then the results keep waiting, on disk if there is space again.
   */
  catchUp(): Promise<void>
  /** Results that wait in memory, and are lost if this process ends. */
  unkept(): readonly ReplayResult[]
}

export interface ResultsOptions extends SettleOptions {
  /** Whether results can be recorded. */
  recording: OperationEvents
  /** Whether waiting results can be written to disk. */
  keeping: OperationEvents
}

export function openResults(options: ResultsOptions): Results {
  const { pool, spool, isInMaintenance, recording, keeping } = options
  // Results that the disk does not accept either.
  let unkept: ReplayResult[] = []
  // While the database is unavailable, results do not try it one by one.
  let isAway = false
  /** A result that is written again must not be mistaken for the one that was just drained. */
  let draining: Promise<unknown> = Promise.resolve()
  const keep = async (outcome: ReplayResult) => {
    try {
      await spool.keep(outcome)
    } catch (error) {
      // A second result of the same replay has more details.
      unkept = [...unkept.filter(({ replay }) => replay !== outcome.replay), outcome]
      keeping.onError(error as Error)
    }
  }
  /** Passes on the results in memory, like `Spool.drain`. */
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
        // Rejected results are settled together with the waiting ones.
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
