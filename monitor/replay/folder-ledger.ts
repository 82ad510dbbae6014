/** The ledger of a run in files of a folder: for runs without a monitor. */
import { sweep } from '../../environment/ledger/sweep.ts'
import type { OpenRunLedger } from '../store/run-ledger.ts'

export function folderLedger(folder: string): OpenRunLedger {
  return async ({ environmentName, replays }) => ({
    place: { ledgerFolder: folder },
    finish: options => sweep({ ...options, folder, only: environmentName, replays: new Set(replays) }),
    close: async () => undefined,
  })
}
