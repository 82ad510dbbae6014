/** The monitor's own database: the one that the user names, or one of its own that is kept beside the configuration. */
import path from 'node:path'
import { makeOwnFolder } from '../environment/reprise-folder.ts'
import { withClient } from '../postgres/connection.ts'
import { startKeptServer } from '../postgres/persistent/persistent-server.ts'
import { type KeptRunningEvents, keepRunning } from '../postgres/persistent/restart.ts'

export interface MonitorDatabase {
  readonly url: string
  /** For people, without a password. */
  readonly description: string
}

/**
 * Answers what `work` does. A database of its own that ends meanwhile is started again, at the same URL. Throws when no
 * database can be had, and what `work` throws.
 * @param folder Of the configuration.
 */
export async function withMonitorDatabase<T>(
  env: NodeJS.ProcessEnv,
  folder: string,
  work: (database: MonitorDatabase) => Promise<T>,
  events: KeptRunningEvents = { onLoss: () => undefined, onReturn: () => undefined },
): Promise<T> {
  const url = env.REPRISE_MONITOR_DATABASE_URL
  if (url) {
    if (!/^postgres(ql)?:\/\//.test(url)) {
      throw new Error(
        'REPRISE_MONITOR_DATABASE_URL is not the postgres:// URL of a database: set it to one, or to none.',
      )
    }
    await reach(url)
    // Whether that server comes back is its owner's affair; meanwhile results wait on disk.
    return work({ url, description: 'REPRISE_MONITOR_DATABASE_URL' })
  }
  makeOwnFolder(keptFolder(folder))
  const server = await startKeptServer(keptFolder(folder))
  const stopKeeping = keepRunning(server, events)
  try {
    return await work({ url: server.url, description: server.folder })
  } finally {
    await stopKeeping()
    await server.stop()
  }
}

async function reach(url: string): Promise<void> {
  try {
    await withClient(url, async () => undefined)
  } catch (error) {
    const { message, code } = error as NodeJS.ErrnoException
    throw new Error(
      `The monitor's database cannot be reached: ${message || code}. Start its server, or correct REPRISE_MONITOR_DATABASE_URL.`,
      { cause: error },
    )
  }
}

/** Where the database of its own is kept, beside the configuration. */
export function keptFolder(folder: string): string {
  return path.join(folder, '.reprise/monitor')
}
