/** Starts a Postgres server that keeps its data between starts, from the binaries that npm installed. */
import { chmod, chown, mkdir, readFile } from 'node:fs/promises'
import path from 'node:path'
import { isDiskFull } from '../free-space.ts'
import { locateBinaries } from '../providers/embedded/binaries.ts'
import { type Cache, openCache } from '../providers/embedded/cache.ts'
import { type Postmaster, startPostmaster } from '../providers/embedded/postmaster.ts'
import { type Account, serviceAccount } from '../providers/embedded/service-account.ts'
import { stopPostmaster } from '../run/watchdog/postmaster.mjs'
import { startWatchdog, type Watchdog } from '../run/watchdog.ts'
import { ensureDataFolder } from './data-folder.ts'
import { durableSettings } from './durable-settings.ts'
import { takeFolder } from './owner-file.ts'
import { serverFilesFolder } from './server-files.ts'

export interface PersistentServer {
  readonly url: string
  /** The folder of the data. */
  readonly folder: string
  /** Resolves with the reason if the server ends before `stop` is called; `restart` replaces it. */
  readonly lost: Promise<Error>
  /** Starts the server again after it was lost, at the same URL. Throws if it does not start; may be called again. */
  restart(): Promise<void>
  /** Shuts the server down (fast shutdown); the data stay. */
  stop(): Promise<void>
}

/**
 * Starts the server of a folder, which is created at the first start. If this process dies, the watchdog stops the server,
 * and the next start recovers the data. Throws if another process has the folder open (with its process id), if the data
 * are of another major version of Postgres, and if the server does not start.
 * @param urlVariable The environment variable that would name another database, for the error about a folder in use.
 */
export async function startPersistentServer(folder: string, urlVariable?: string): Promise<PersistentServer> {
  const account = await serviceAccount()
  // The service account needs to pass through here to its private folder.
  await mkdir(folder, { recursive: true, mode: account ? 0o711 : 0o700 })
  const ownership = await takeFolder(folder, urlVariable)
  try {
    const { cache, place, dataFolder } = await openData(folder, account)
    const watchdog = startWatchdog()
    const end = async () => {
      await stopPostmaster(dataFolder, undefined, ['SIGINT', 'SIGQUIT', 'SIGKILL'])
      await watchdog.close()
    }
    try {
      const start = (port?: number) => startIn(place, dataFolder, { cache, account, watchdog, port })
      return await handleTo(await start(), { folder: place, start, end: () => end().finally(ownership.release) })
    } catch (error) {
      await end().catch(() => undefined)
      throw error
    }
  } catch (error) {
    await ownership.release()
    throw error
  }
}

interface RestartableServer {
  folder: string
  start(port: number): Promise<Postmaster>
  end(): Promise<void>
}

function handleTo(first: Postmaster, { folder, start, end }: RestartableServer): PersistentServer {
  const { url } = first
  let stopping: Promise<void> | undefined
  const lossOf = ({ ended, explainLoss }: Postmaster) =>
    new Promise<Error>(resolve => {
      void ended.then(async () => {
        if (!stopping) resolve(await explained(folder, await explainLoss(new Error('its process ended'))))
      })
    })
  let lost = lossOf(first)
  return {
    url,
    folder,
    get lost() {
      return lost
    },
    async restart() {
      lost = lossOf(await start(Number(new URL(url).port)))
    },
    stop: () => {
      stopping ??= end()
      return stopping
    },
  }
}

interface StartOptions {
  cache: Cache
  account: Account | undefined
  watchdog: Watchdog
  port: number | undefined
}

async function startIn(place: string, dataFolder: string, { cache, ...rest }: StartOptions): Promise<Postmaster> {
  try {
    // Left by an owner that died together with its watchdog, or by a start that timed out.
    await stopPostmaster(dataFolder)
    return await startPostmaster({
      program: cache.program,
      password: await readFile(path.join(place, 'password'), 'utf8'),
      dataFolder,
      settings: durableSettings,
      logFile: path.join(place, 'postgres.log'),
      ...rest,
    })
  } catch (error) {
    throw await explained(place, error as Error)
  }
}

/** Replaces the error when the disk is full: the last log lines may be missing, or be about the failed write only. */
async function explained(place: string, error: Error): Promise<Error> {
  if (!(await isDiskFull(place))) return error
  return new Error(`There is no room left on the disk of ${place}: free some space there.`, { cause: error })
}

async function openData(folder: string, account: Account | undefined) {
  const cache = await openCache(await locateBinaries(), account)
  const place = await serverFilesFolder(folder, account)
  await mkdir(place, { recursive: true })
  await chmod(place, 0o700)
  if (account) await chown(place, account.uid, account.gid)
  return { cache, place, dataFolder: await ensureDataFolder(place, cache, account) }
}
