/** Where a run keeps its ledger: the monitor's database has one of its own, a folder serves where there is no monitor. */
import type { Environment, TargetOptions } from '../../environment/environment.ts'
import type { FinishOptions, SweepResult } from '../../environment/ledger/finish-all.ts'
import { sweep } from '../../environment/ledger/sweep.ts'

export interface RunLedger {
  /** What the run's workers are told of it. */
  readonly place: Pick<TargetOptions, 'ledgerFolder' | 'ledgerSocket'>
  /** Finishes what the workers could not, since they were killed or got no answer. None of them runs any more. */
  finish(options: FinishOptions): Promise<SweepResult>
  /** Stores nothing more. */
  close(): Promise<void>
}

/** A run that is about to begin. */
interface BeginningRun {
  name: string
  /** Where only the owner can read, until the run ends. */
  scratch: string
  /** The name of the environment, and what it says. */
  environmentName: string
  environment: Environment
  /** The ids of its replays. */
  replays: readonly string[]
}

export type OpenRunLedger = (run: BeginningRun) => Promise<RunLedger>

/** In files of this folder. */
export function folderLedger(folder: string): OpenRunLedger {
  return async ({ environmentName, replays }) => ({
    place: { ledgerFolder: folder },
    finish: options => sweep({ ...options, folder, only: environmentName, replays: new Set(replays) }),
    close: async () => undefined,
  })
}
