/** Opens a run: its folder and, once there is something to clean up, its watchdog. */
import { rm } from 'node:fs/promises'
import { serviceAccount } from '../providers/embedded/service-account.ts'
import { openRunFolder, runFolderPlaces } from './run-folder.ts'
import { startWatchdog, type Watchdog } from './watchdog.ts'

export interface Run {
  readonly id: string
  /** The run's dedicated folder, removed at its end. */
  readonly folder: string
  /** The watchdog, started by the first call. */
  watchdog(): Watchdog
  /** Removes everything the run created. Throws an error with what could not be removed. */
  end(): Promise<void>
}

/** Opens a run. Throws an error that names the folder when it cannot be created. */
export async function openRun(): Promise<Run> {
  const [{ runId, path, close }, owners] = await Promise.all([openRunFolder(), runOwners()])
  let watchdog: Watchdog | undefined
  return {
    id: runId,
    folder: path,
    watchdog: () => {
      watchdog ??= watchOver(path, owners)
      return watchdog
    },
    end: async () => {
      // The run counts as alive until all is removed, so that no other run removes the same.
      try {
        if (watchdog) await watchdog.close()
        else await rm(path, { recursive: true, force: true })
      } finally {
        await close()
      }
    },
  }
}

function watchOver(folder: string, owners: number[]): Watchdog {
  const watchdog = startWatchdog()
  watchdog.send({ undo: 'folder', path: folder })
  watchdog.send({ reap: 'folders', in: runFolderPlaces(), of: owners })
  return watchdog
}

/** The accounts whose run folders this process removes: its own, and the service account, which owns those that root opened. */
async function runOwners(): Promise<number[]> {
  // Starting an embedded server reports the missing account.
  const account = await serviceAccount().catch(() => undefined)
  // On Windows every file's owner is 0.
  return [process.getuid?.() ?? 0, ...(account ? [account.uid] : [])]
}
