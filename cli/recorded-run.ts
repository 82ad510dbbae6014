/** Replays checks now, and stores the results in the monitor's database. */
import path from 'node:path'
import { defaultLocation } from '../monitor/config/configuration.ts'
import type { RunDocument } from '../monitor/replay/document.ts'
import type { RunRequest } from '../monitor/replay/replay.ts'
import { recordedRun } from '../monitor/service/recorded-run.ts'
import { openPool } from '../monitor/store/pool.ts'
import { migrate } from '../monitor/store/schema.ts'
import { withMonitorDatabase } from './monitor-database.ts'

/** Throws if there is no database, and what `recordedRun` throws. */
export async function runAndRecord(request: RunRequest): Promise<RunDocument> {
  const { configuration, env } = request
  const documents: RunDocument[] = []
  await withMonitorDatabase(env, path.dirname(configuration.file), async ({ url }) => {
    const pool = openPool(url)
    try {
      await migrate(pool)
      documents.push(await recordedRun(pool, env.REPRISE_LOCATION || defaultLocation, request))
    } finally {
      await pool.end()
    }
  })
  const [document] = documents
  if (!document) throw new Error('The run has ended without a result.')
  return document
}
