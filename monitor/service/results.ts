/** Takes results to the database; while it is away they wait on disk, and in memory if the disk is full. */
import type pg from 'pg'
import type { IsInMaintenance } from '../store/check-rules.ts'
import type { ReplayOutcome } from '../store/outcome.ts'
import { recordOutcome } from '../store/replays.ts'
import type { Spool } from '../store/spool.ts'

export interface Results {
  /** Never throws: what cannot be recorded now is recorded later. */
  take(outcome: ReplayOutcome): Promise<void>
  /** Records what waits. Throws why that is not possible; then it waits on, on disk if there is room again. */
  catchUp(): Promise<void>
  /** What waits in memory: it is lost with this process. */
  unkept(): readonly ReplayOutcome[]
}

export interface ResultsOptions {
  pool: pg.Pool
  spool: Spool
  isInMaintenance: IsInMaintenance
  /** Whether results can be recorded. */
  recording: Watched
  /** Whether those that cannot be can be kept on disk. */
  keeping: Watched
}

interface Watched {
  onError(error: Error): void
  onDone(): void
}

export function openResults({ pool, spool, isInMaintenance, recording, keeping }: ResultsOptions): Results {
  const record = (outcome: ReplayOutcome) => recordOutcome(pool, outcome, isInMaintenance)
  // Where the disk takes nothing either.
  const unkept: ReplayOutcome[] = []
  const keep = async (outcome: ReplayOutcome) => {
    try {
      await spool.keep(outcome)
    } catch (error) {
      unkept.push(outcome)
      keeping.onError(error as Error)
    }
  }
  const passOn = async (take: (outcome: ReplayOutcome) => Promise<unknown>) => {
    for (let [outcome] = unkept; outcome; [outcome] = unkept) {
      await take(outcome)
      unkept.shift()
    }
    keeping.onDone()
  }
  return {
    unkept: () => unkept,
    async take(outcome) {
      try {
        await record(outcome)
      } catch (error) {
        recording.onError(error as Error)
        await keep(outcome)
      }
    },
    async catchUp() {
      try {
        await passOn(record)
        await spool.drain(record)
      } catch (error) {
        await passOn(spool.keep).catch(keeping.onError)
        throw error
      }
      recording.onDone()
    },
  }
}
