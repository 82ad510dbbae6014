/** What the commands of operators share: who acts, on which database, and until when. */
import path from 'node:path'
import type pg from 'pg'
import { parseDuration } from '../monitor/duration.ts'
import { operatorName } from '../monitor/status-page/access/operator-name.ts'
import type { Until } from '../monitor/store/mutes.ts'
import type { Invocation } from './command.ts'
import { readMonitorDatabase } from './read-monitor-database.ts'

/** Options of each of these commands. */
export const operatorOptions = { config: { type: 'string' }, by: { type: 'string' } } as const

export const operatorHelp = `  --by NAME       who does it, for the log (default: your user name)
  --config FILE   another file than monitor.config.ts in this folder; its folder has the database

Environment:
  REPRISE_MONITOR_DATABASE_URL  the postgres:// URL of the monitor's database (default: the embedded Postgres in
                                .reprise/monitor beside the configuration, also while a monitor runs on it)`

/** Throws what `work` throws, and if there is no database of a monitor. */
export async function asOperator<T>(
  { env, folder }: Invocation,
  { config = 'monitor.config.ts', by }: { config?: string | undefined; by?: string | undefined },
  work: (pool: pg.Pool, operator: string) => Promise<T>,
): Promise<T> {
  const given = by ?? (env.USER || env.USERNAME || 'command line')
  const operator = operatorName(given)
  if (operator === undefined)
    throw new Error(`--by is ${JSON.stringify(given)}: write a name of 1 to 100 visible characters.`)
  return readMonitorDatabase(env, path.dirname(path.resolve(folder, config)), pool => work(pool, operator))
}

export function incidentNumber(text: string): number {
  if (!/^[1-9]\d{0,8}$/.test(text)) throw new Error(`${JSON.stringify(text)} is no number of an incident, such as 7.`)
  return Number(text)
}

/** Of `--for` and `--until`; undefined without both. */
export function untilOf({
  for: span,
  until,
}: {
  for?: string | undefined
  until?: string | undefined
}): Until | undefined {
  if (span !== undefined && until !== undefined) throw new Error('Both --for and --until were given: choose one.')
  if (until !== undefined) return { until: timeOf('--until', until) }
  if (span === undefined) return undefined
  const forMs = parseDuration(span)
  if (forMs === undefined) throw new Error(`--for is ${JSON.stringify(span)}: write a duration such as 30m, 2h or 7d.`)
  return { forMs }
}

export function timeOf(option: string, text: string): Date {
  const time = new Date(text)
  if (!/T.*(Z|[+-]\d\d:\d\d)$/.test(text) || Number.isNaN(time.getTime()))
    throw new Error(`${option} is ${JSON.stringify(text)}: write a time with its zone, such as 2030-01-31T22:00Z.`)
  return time
}
