/** One run: its folder and, once it has something to leave behind, its watchdog. */
import { rm } from 'node:fs/promises'
import { serviceAccount } from '../providers/embedded/service-account.ts'
import { openRunFolder, runFolderPlaces } from './run-folder.ts'
import { startWatchdog, type Watchdog } from './watchdog.ts'

export interface Run {
  readonly id: string
  /** The run's own folder, removed at its end. */
  readonly folder: string
  /** The watchdog, started by the first call. */
  watchdog(): Watchdog
  /** Has everything undone. Throws an error that names what could not be removed. */
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
      // Until all is removed the run counts as alive, so that nobody else begins to remove it.
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

/** The accounts whose run folders are ours to remove: this one, and that to which root gives the folder of an embedded server. */
async function runOwners(): Promise<number[]> {
  // Without a service account no embedded server starts; starting one reports the error.
  const account = await serviceAccount().catch(() => undefined)
  // On Windows every file's owner is 0.
  return [process.getuid?.() ?? 0, ...(account ? [account.uid] : [])]
}
