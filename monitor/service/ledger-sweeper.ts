/** Sweeps the ledgers of dead runs: of this machine, and of others that share the database. */
import path from 'node:path'
import type pg from 'pg'
import type { Intent } from '../../environment/ledger/entry.ts'
import type { Ending } from '../../environment/ledger/finish.ts'
import type { Leak } from '../../environment/ledger/finish-all.ts'
import { ledgerFolder } from '../../environment/ledger/folder.ts'
import { sweep } from '../../environment/ledger/sweep.ts'
import { connectSender } from '../replay/connect-sender.ts'
import { allEnded } from '../store/all-ended.ts'
import { sweepDatabase } from '../store/database-sweep.ts'
import type { CompiledConfiguration } from './compiled-configuration.ts'
import { LeakPauses } from './leak-pauses.ts'
import { type Loop, type LoopOptions, startLoop } from './loop.ts'

export interface LedgerSweeper {
  /**
   * Leaks are tried again after growing pauses. Throws the database's errors. @param stopped Interrupts it, so that a service
   * that hangs does not delay a stop: what is not removed then stays in the ledger.
   */
  sweep(compiled: CompiledConfiguration, stopped: AbortSignal): Promise<void>
}

/** Each possible leak is reported once. */
export function createLedgerSweeper(
  pool: pg.Pool,
  env: NodeJS.ProcessEnv,
  complain: (text: string) => void,
): LedgerSweeper {
  const reported = new Set<string>()
  const pauses = new LeakPauses()
  const tell = ({ file, intent, reason }: Leak) => {
    const text = intent
      ? `Possible leak in ${intent.environment}: ${intent.method} ${intent.url}, sent at ${intent.at}: ${reason}.`
      : `The ledger's file ${file} cannot be read: ${reason}`
    if (!reported.has(text)) complain(text)
    reported.add(text)
  }
  return {
    async sweep({ configuration, environment }, stopped) {
      const how = {
        environment,
        env,
        connect: connectSender,
        stopped,
        isDue: (intent: Intent) => pauses.isDue(intent),
        onEnding: (intent: Intent, ending: Ending) => pauses.ended(intent, ending),
      }
      const isKnown = ({ isEarly }: Leak) => !(isEarly && stopped.aborted)
      const ofFiles = sweep({ ...how, folder: ledgerFolder(path.dirname(configuration.file)) })
      const ofDatabase = sweepDatabase(pool, { ...how, waits: false })
      const told = [ofFiles, ofDatabase].map(async swept => (await swept).leaks.filter(isKnown).forEach(tell))
      await allEnded(told)
    },
  }
}

interface Sweeps extends Loop {
  /** Whether a sweep has ended, or could not be made: what is left is not about to be removed. */
  hasSwept(): boolean
}

/** Sweeps at once and when woken, and soon again after a failure. */
export function startSweeps({ sweep, ...watched }: Omit<LoopOptions, 'work'> & { sweep(): Promise<void> }): Sweeps {
  let hasSwept = false
  const loop = startLoop({
    ...watched,
    work: async () => {
      try {
        await sweep()
      } finally {
        hasSwept = true
      }
      return undefined
    },
  })
  return { ...loop, hasSwept: () => hasSwept }
}
