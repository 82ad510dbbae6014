/** Provides the monitor's database: the one in REPRISE_MONITOR_DATABASE_URL, or an embedded one in `.reprise/`. */
import path from 'node:path'
import { makePrivateFolder } from '../environment/reprise-folder.ts'
import { withClient } from '../postgres/connection.ts'
import { startPersistentServer } from '../postgres/persistent/persistent-server.ts'
import { type RestartEvents, restartWhenLost } from '../postgres/persistent/restart.ts'

const urlVariable = 'REPRISE_MONITOR_DATABASE_URL'

export interface MonitorDatabase {
  readonly url: string
  /** For messages, without a password. */
  readonly description: string
}

/**
 * Returns the result of `work`. An embedded server that ends meanwhile is restarted, at the same URL. Throws if there is no
 * database, and what `work` throws.
 * @param folder The configuration's folder.
 */
export async function withMonitorDatabase<T>(
  env: NodeJS.ProcessEnv,
  folder: string,
  work: (database: MonitorDatabase) => Promise<T>,
  events: RestartEvents = { onLoss: () => undefined, onReturn: () => undefined },
): Promise<T> {
  const url = env[urlVariable]
  if (url) {
    if (!/^postgres(ql)?:\/\//.test(url)) {
      throw new Error(
        `${urlVariable} is not the postgres:// URL of a database: correct it, or unset it for a database in .reprise/.`,
      )
    }
    await reach(url)
    // Its operator restarts that server; results wait on disk meanwhile.
    return work({ url, description: urlVariable })
  }
  makePrivateFolder(monitorServerFolder(folder))
  const server = await startPersistentServer(monitorServerFolder(folder), urlVariable)
  const stopRestarts = restartWhenLost(server, events)
  try {
    return await work({ url: server.url, description: server.folder })
  } finally {
    await stopRestarts()
    await server.stop()
  }
}

async function reach(url: string): Promise<void> {
  try {
    await withClient(url, async () => undefined)
  } catch (error) {
    const { message, code } = error as NodeJS.ErrnoException
    throw new Error(
      `The monitor's database cannot be reached: ${message || code}. Start its server, or correct ${urlVariable}.`,
      { cause: error },
    )
  }
}

/** The folder of the embedded server, beside the configuration. */
export function monitorServerFolder(folder: string): string {
  return path.join(folder, '.reprise/monitor')
}
