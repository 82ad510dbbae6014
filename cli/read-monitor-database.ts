/** Opens the monitor's database for reading: without migrating it, and also while a monitor runs on it. */
import type pg from 'pg'
import { openPool } from '../monitor/store/pool.ts'
import { hasServerFiles, runningServerUrl } from '../postgres/persistent/server-files.ts'
import { monitorServerFolder, withMonitorDatabase } from './monitor-database.ts'

/**
 * Throws if no monitor has used the database, if it is unreachable, and what `work` throws.
 * @param folder The configuration's folder.
 */
export async function readMonitorDatabase<T>(
  env: NodeJS.ProcessEnv,
  folder: string,
  work: (pool: pg.Pool) => Promise<T>,
): Promise<T> {
  const serverFolder = monitorServerFolder(folder)
  if (!env.REPRISE_MONITOR_DATABASE_URL) {
    if (!(await hasServerFiles(serverFolder))) throw new Error(nothingYet(`there is no database in ${serverFolder}`))
    const url = await runningServerUrl(serverFolder)
    if (url !== undefined) return readFrom(url, work)
  }
  return withMonitorDatabase(env, folder, ({ url }) => readFrom(url, work))
}

async function readFrom<T>(url: string, work: (pool: pg.Pool) => Promise<T>): Promise<T> {
  const pool = openPool(url)
  try {
    const { rows } = await pool.query<{ found: boolean }>(`select to_regclass('reprise.checks') is not null as found`)
    if (!rows[0]?.found) throw new Error(nothingYet('the database has no tables of a monitor'))
    return await work(pool)
  } catch (error) {
    const { code, message } = error as Error & { code?: unknown }
    if (!missing.some(one => one === code)) throw error
    throw new Error(
      `The monitor's database has the schema of an older version of Reprise (${message}). Start the monitor with this version, or run this command with that version.`,
      { cause: error },
    )
  } finally {
    await pool.end()
  }
}

/** undefined_column, undefined_table */
const missing = ['42703', '42P01']

function nothingYet(why: string): string {
  return `Nothing has been monitored yet: ${why}. Run npx reprise monitor start, or set REPRISE_MONITOR_DATABASE_URL.`
}
