/** The ledger of one run: in the monitor's database, or in files where there is no monitor. */
import type { Environment, TargetOptions } from '../../environment/environment.ts'
import type { FinishOptions, SweepResult } from '../../environment/ledger/finish-all.ts'

export interface RunLedger {
  /** What the run's workers need to write to it. */
  readonly place: Pick<TargetOptions, 'ledgerFolder' | 'ledgerSocket'>
  /** Removes what the workers could not, because they were killed or got no answer. To be called after they have exited. */
  finish(options: FinishOptions): Promise<SweepResult>
  /** Accepts no further entries. */
  close(): Promise<void>
}

/** A run that is about to start. */
interface BeginningRun {
  name: string
  /** A folder that only the owner can read; removed when the run ends. */
  scratch: string
  /** The environment's name. */
  environmentName: string
  environment: Environment
  /** The ids of the run's replays. */
  replays: readonly string[]
}

export type OpenRunLedger = (run: BeginningRun) => Promise<RunLedger>
