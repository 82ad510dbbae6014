/** Housekeeping: loops that remove what is not needed any more, in environments, in the database and in the store of evidence. */
import type pg from 'pg'
import { databaseTime } from '../store/check-locations.ts'
import { dropDaysBefore } from '../store/days.ts'
import { removeMessagesBefore } from '../store/message-retention.ts'
import type { CompiledConfiguration } from './compiled-configuration.ts'
import { createLedgerSweeper, startSweeps } from './ledger-sweeper.ts'
import { startLoop } from './loop.ts'
import type { Operations } from './operations.ts'

export interface HousekeepingOptions extends Pick<Operations, 'watched'> {
  pool: pg.Pool
  env: NodeJS.ProcessEnv
  /** Of the active configuration. */
  compiled(): CompiledConfiguration
  removeOldEvidence(stopped: AbortSignal): Promise<void>
  /** Interrupts what is under way. */
  stopping: AbortSignal
  complain(text: string): void
}

export interface Housekeeping {
  /** Whether a sweep has ended, or could not be made: what is left is not about to be removed. */
  hasSwept(): boolean
  stop(): Promise<unknown>
}

/** Each is done once a minute. */
export function startHousekeeping(options: HousekeepingOptions): Housekeeping {
  const { pool, env, compiled, removeOldEvidence, watched, stopping, complain } = options
  const sweeper = createLedgerSweeper(pool, env, complain)
  const sweeps = startSweeps({
    ...watched('Ledgers of ended runs cannot be swept'),
    sweep: () => sweeper.sweep(compiled(), stopping),
  })
  const clearing = startLoop({
    ...watched('Old data cannot be removed'),
    work: async () => {
      const { resultsMs } = compiled().configuration.retention
      // The database's clock may be wrong; a time in the future must not delete everything.
      const now = Math.min(Date.now(), (await databaseTime(pool)).getTime())
      await dropDaysBefore(pool, new Date(now - resultsMs))
      await removeMessagesBefore(pool, new Date(now - resultsMs))
      return undefined
    },
  })
  const thinning = startLoop({
    ...watched('Old evidence cannot be removed'),
    work: async () => {
      await removeOldEvidence(stopping)
      return undefined
    },
  })
  return {
    hasSwept: sweeps.hasSwept,
    stop: () => Promise.all([sweeps, clearing, thinning].map(loop => loop.stop())),
  }
}
