/** Where the ledger's files are. */
import path from 'node:path'

/** Beside Playwright's config. */
export function ledgerFolder(configFolder: string): string {
  return path.join(configFolder, '.reprise', 'ledger')
}
