/** One run: its folder and, once it has something to leave behind, its watchdog. */
import { rm } from 'node:fs/promises'
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
  const { runId, path, close } = await openRunFolder()
  let watchdog: Watchdog | undefined
  return {
    id: runId,
    folder: path,
    watchdog: () => {
      watchdog ??= watchOver(path)
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

function watchOver(folder: string): Watchdog {
  const watchdog = startWatchdog()
  watchdog.send({ undo: 'folder', path: folder })
  watchdog.send({ reap: 'folders', in: runFolderPlaces(), like: folder })
  return watchdog
}
