/** Starts a server from the binaries that npm installed, on a fresh copy of a cached data folder. */
import { chown } from 'node:fs/promises'
import path from 'node:path'
import type { Run } from '../run/run.ts'
import { dataFolderOf } from '../run/watchdog/run-folders.mjs'
import { locateBinaries } from './embedded/binaries.ts'
import { openCache } from './embedded/cache.ts'
import { copyFolder } from './embedded/copy-folder.ts'
import { serviceAccount } from './embedded/service-account.ts'
import { throwAwaySettings } from './embedded/throw-away-settings.ts'
import type { Provision } from './provision.ts'

/** Throws one error if the cache or the temporary folder is not writable, or if the server does not start. */
export async function startEmbedded(run: Run): Promise<Provision> {
  const account = await serviceAccount()
  if (account) await chown(run.folder, account.uid, account.gid)
  const cache = await openCache(await locateBinaries(), account)
  const dataFolder = dataFolderOf(run.folder)
  const copied = copyFolder(cache.dataFolder, dataFolder, account)
  // The copy is another process; the database driver loads meanwhile.
  const [{ startPostmaster }] = await Promise.all([import('./embedded/postmaster.ts'), copied])
  const postmaster = await startPostmaster({
    program: cache.program,
    password: cache.password,
    dataFolder,
    settings: ({ port }) => throwAwaySettings({ port, socketFolder: run.folder }),
    logFile: path.join(run.folder, 'postgres.log'),
    account,
    watchdog: run.watchdog(),
  })
  return { ...postmaster, socketFolder: process.platform === 'win32' ? undefined : run.folder }
}
