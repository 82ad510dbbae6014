/** `reprise monitor rehearse`: shows which alerts another policy would have sent. */
import path from 'node:path'
import { parseDuration } from '../monitor/duration.ts'
import { maintenance } from '../monitor/schedule/maintenance.ts'
import { rulesOf } from '../monitor/service/compiled-configuration.ts'
import { durationText } from '../monitor/status-page/parts.ts'
import { databaseTime } from '../monitor/store/check-locations.ts'
import { isInWindow, readWindows } from '../monitor/store/maintenance-windows.ts'
import { type PastIncident, readPastIncidents } from '../monitor/store/past-incidents.ts'
import { rehearse } from '../monitor/store/rehearsal.ts'
import { utcText } from '../monitor/utc-text.ts'
import type { Command, Invocation } from './command.ts'
import { configurationOrFaults } from './faults.ts'
import { readArguments } from './read-arguments.ts'
import { readMonitorDatabase } from './read-monitor-database.ts'

export const monitorRehearse: Command = {
  help: `Usage: npx reprise monitor rehearse --policy FILE [--since DURATION] [--json]

Evaluates the recorded replays with another configuration, a changed copy of monitor.config.ts, and shows which incidents
would have been alerted, beside the actual ones. Nothing is replayed, sent or changed. Of FILE it uses confirm, agree,
dependsOn, environment, channels and maintenance.

  --policy FILE      the changed configuration
  --since DURATION   only the history of this duration, such as 12h or 7d (default: all)
  --json             prints the result as one JSON document

Environment:
  REPRISE_MONITOR_DATABASE_URL  the monitor's database (default: the one in .reprise/monitor beside FILE,
                                also while a monitor runs on it)

Replays that confirm a failure were made by the policy of their time; another policy might have made more, or none.

Exit code: 0; 2 an error of the command, such as a fault in the configuration, or a database that cannot be read.

Examples:
  npx reprise monitor rehearse --policy calmer.config.ts
  npx reprise monitor rehearse --policy calmer.config.ts --since 7d --json`,

  async run({ args, env, folder, print, complain }: Invocation): Promise<number> {
    const { values, positionals } = readArguments('monitor rehearse', args, {
      policy: { type: 'string' },
      since: { type: 'string' },
      json: { type: 'boolean' },
    } as const)
    if (positionals.length > 0)
      throw new Error(`monitor rehearse takes no ${JSON.stringify(positionals[0])}; see --help.`)
    if (values.policy === undefined) throw new Error('monitor rehearse needs --policy FILE; see --help.')
    const spanMs = spanOf(values.since)
    const { file, checks, ...rest } = await configurationOrFaults({ folder, json: values.json, print }, load =>
      load(values.policy),
    )
    const windows = maintenance(rest.maintenance)
    try {
      const result = await readMonitorDatabase(env, path.dirname(file), async pool => {
        const since = spanMs === undefined ? null : new Date((await databaseTime(pool)).getTime() - spanMs)
        const begin = since ?? new Date(0)
        const opened = await readWindows(pool, begin)
        const isInMaintenance = (check: string, at: Date) =>
          windows.includes(check, at) || isInWindow(opened, check, at)
        const rehearsed = await rehearse(pool, rulesOf(checks), begin, isInMaintenance, rest.alertRules)
        return { since, rehearsed, actual: await readPastIncidents(pool, begin) }
      })
      const shownFile = path.relative(folder, file)
      if (values.json) print(JSON.stringify({ version: 1, exitCode: 0, policy: shownFile, ...result }))
      else print(text(shownFile, result))
      const unalerted = result.rehearsed.filter(({ channels }) => channels.length === 0).length
      if (unalerted > 0) complain(`${unalerted} without an alert: no channel, or maintenance all the time.`)
      return 0
    } finally {
      windows.close()
    }
  },
}

function spanOf(text: string | undefined): number | undefined {
  if (text === undefined) return undefined
  const span = parseDuration(text)
  if (span === undefined) throw new Error(`--since is ${JSON.stringify(text)}: write a duration such as 12h or 7d.`)
  return span
}

function text(file: string, { rehearsed, actual }: { rehearsed: PastIncident[]; actual: PastIncident[] }): string {
  return [
    `By ${file} there would have been ${countText(rehearsed)}`,
    ...rehearsed.map(lineOf),
    '',
    `In fact there ${actual.length > 1 ? 'were' : 'was'} ${countText(actual)}`,
    ...actual.map(lineOf),
  ].join('\n')
}

function countText({ length }: readonly PastIncident[]): string {
  return length === 0 ? 'no incident.' : `${length} ${length === 1 ? 'incident' : 'incidents'}:`
}

function lineOf({ environment, openedAt, closedAt, checks, flaps, channels }: PastIncident): string {
  const alerts = channels.length === 0 ? 'no alert' : `alerts to ${channels.join(', ')}`
  return `  ${utcText(openedAt)}  ${environment}: ${checks.join(', ')}, ${spanText(openedAt, closedAt)}${flaps ? ', flapping' : ''}, ${alerts}`
}

function spanText(from: Date, until: Date | null): string {
  if (until === null) return 'still open'
  // The database's clock was set back meanwhile, so the length is unknown.
  if (until < from) return `until ${utcText(until)}, by a clock that was set back`
  return `for ${durationText(until.getTime() - from.getTime())}`
}
