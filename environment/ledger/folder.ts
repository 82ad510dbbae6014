/** Locates the ledger's files. */
import path from 'node:path'

/** The folder of the ledger's files, beside Playwright's config. */
export function ledgerFolder(configFolder: string): string {
  return path.join(configFolder, '.reprise', 'ledger')
}
