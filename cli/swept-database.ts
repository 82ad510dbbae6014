/** Sweeps the monitor's database, unless a running monitor does so. */

import { emptyResult, type SweepResult } from '../environment/ledger/finish-all.ts'
import { type DatabaseSweepOptions, sweepDatabase } from '../monitor/store/database-sweep.ts'
import { openPool } from '../monitor/store/pool.ts'
import { migrate } from '../monitor/store/schema.ts'
import { ownerOf } from '../postgres/persistent/owner-file.ts'
import { hasServerFiles } from '../postgres/persistent/server-files.ts'
import { monitorServerFolder, withMonitorDatabase } from './monitor-database.ts'

/** Throws if the database is unreachable. @param folder The configuration's folder. */
export async function sweepMonitorDatabase(
  env: NodeJS.ProcessEnv,
  folder: string,
  options: Omit<DatabaseSweepOptions, 'waits'>,
  complain: (text: string) => void,
): Promise<SweepResult> {
  const nothing = emptyResult()
  if (!env.REPRISE_MONITOR_DATABASE_URL) {
    const serverFolder = monitorServerFolder(folder)
    if (!(await hasServerFiles(serverFolder))) return nothing
    const owner = await ownerOf(serverFolder)
    if (owner !== undefined) {
      complain(`The running monitor (process ${owner}) sweeps its database itself, once a minute.`)
      return nothing
    }
  }
  let result = nothing
  await withMonitorDatabase(env, folder, async ({ url }) => {
    const pool = openPool(url)
    try {
      await migrate(pool)
      result = await sweepDatabase(pool, { ...options, waits: true })
    } finally {
      await pool.end()
    }
  })
  return result
}
