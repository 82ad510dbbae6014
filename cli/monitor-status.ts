/** `reprise monitor status`: prints the states of the checks. */
import path from 'node:path'
import { maintenance } from '../monitor/schedule/maintenance.ts'
import { timetable } from '../monitor/schedule/timetable.ts'
import { durationText } from '../monitor/status-page/parts.ts'
import { isBlind, messageRemarks, type Remark, remarksOf } from '../monitor/status-page/remarks.ts'
import { type CheckStatus, type Status, statusReader } from '../monitor/status-page/status.ts'
import { type EndedReplay, readLastReplays } from '../monitor/store/history.ts'
import { countLiving } from '../monitor/store/instances.ts'
import { type LocationError, readLocationErrors } from '../monitor/store/location-errors.ts'
import { utcText } from '../monitor/utc-text.ts'
import { type Paint, painter } from './colours.ts'
import type { Command, Invocation } from './command.ts'
import { configurationOrFaults } from './faults.ts'
import { stateColours } from './monitor-lines.ts'
import { readArguments } from './read-arguments.ts'
import { readMonitorDatabase } from './read-monitor-database.ts'

export const monitorStatus: Command = {
  help: `Usage: npx reprise monitor status [--config FILE] [--json]

Prints the state of each check from the monitor's database, in which respects it may be out of date, the open incidents,
and undelivered messages.

  --config FILE   another file than monitor.config.ts in this folder
  --json          prints the result as one JSON document

Environment:
  REPRISE_MONITOR_DATABASE_URL  the monitor's database (default: the one in .reprise/monitor beside the
                                configuration, also while a monitor runs on it)

Exit code: 0 all checks are up; 1 a check is not (down, degraded, unknown, in maintenance); a check outside maintenance is
out of date, ended its last replay in an error, or has missed, skipped or overloaded slots in the last 24 hours; messages
are undelivered; or no monitor is running; 2 an error of the command, such as a fault in the configuration, or a database
that cannot be read.

Examples:
  npx reprise monitor status
  npx reprise monitor status --json > status.json`,

  async run({ args, env, folder, colours, print, complain }: Invocation): Promise<number> {
    const { values, positionals } = readArguments('monitor status', args, {
      config: { type: 'string' },
      json: { type: 'boolean' },
    } as const)
    if (positionals.length > 0)
      throw new Error(`monitor status takes no ${JSON.stringify(positionals[0])}; see --help.`)
    const configuration = await configurationOrFaults({ folder, json: values.json, print }, load => load(values.config))
    const times = timetable(configuration.checks.flatMap(({ cron, ...check }) => (cron ? [{ ...check, cron }] : [])))
    const windows = maintenance(configuration.maintenance)
    try {
      const inForce = { timetable: times, isInMaintenance: windows.includes, maintenanceSpans: windows.spans }
      const result = await readMonitorDatabase(env, path.dirname(configuration.file), async pool => ({
        status: await statusReader(pool, () => inForce).readStatus(),
        lastReplays: await readLastReplays(pool, 1),
        errors: await readLocationErrors(pool),
        monitors: await countLiving(pool),
      }))
      const { status, monitors } = result
      const isKnown = status.checks.every(check => check.state === 'up' && !isBlind(check))
      const isWell = monitors > 0 && isKnown && status.undelivered.length === 0
      const exitCode = isWell ? 0 : 1
      print(values.json ? JSON.stringify(document(result, exitCode)) : text(result, painter(colours)))
      if (monitors === 0) complain('No monitor is running on this database: these are the last known states.')
      return exitCode
    } finally {
      times.close()
      windows.close()
    }
  },
}

interface StatusResult {
  status: Status
  lastReplays: ReadonlyMap<string, EndedReplay[]>
  errors: LocationError[]
  /** The number of running instances. */
  monitors: number
}

function document(result: StatusResult, exitCode: number) {
  const { at, checks, incidents, undelivered, unsent } = result.status
  const explained = checks.map(check => ({ ...check, reasons: reasonsOf(check, result) }))
  return { version: 1, exitCode, at, monitors: result.monitors, checks: explained, incidents, undelivered, unsent }
}

function text(result: StatusResult, paint: Paint): string {
  const { at, checks, incidents, undelivered, unsent } = result.status
  const width = Math.max(0, ...checks.map(({ name }) => name.length))
  const lines = checks.flatMap(check => checkLines(check, { at, width, paint, reasons: reasonsOf(check, result) }))
  const open = incidents.map(({ id, environment, openedAt, checks }) => {
    const states = checks.map(({ name, state }) => `${name} is ${state}`)
    return `Incident ${id} in ${environment}, since ${utcText(openedAt)}: ${states.join(', ')}.`
  })
  const waiting = undelivered.flatMap(one => [
    ...messageRemarks({ undelivered: [one], unsent: [] }).map(remarkLine),
    ...(one.lastError === null ? [] : [`    ${one.lastError}`]),
  ])
  const closed = messageRemarks({ undelivered: [], unsent }).map(remarkLine)
  const blocks = [lines.length > 0 ? lines : ['There are no checks.'], open, [...waiting, ...closed]]
  return blocks
    .filter(block => block.length > 0)
    .map(block => block.join('\n'))
    .join('\n\n')
}

const remarkLine = (remark: Remark) => remark.map(part => (part instanceof Date ? utcText(part) : part)).join('')

/** Why the last replay did not pass, and the errors of the last replays at other locations. */
function reasonsOf({ name }: CheckStatus, { lastReplays, errors }: StatusResult): string[] {
  const last = lastReplays.get(name)?.[0]?.reason
  const located = errors.flatMap(({ check, location, reason }) =>
    check === name && reason !== null && reason !== last ? [`${location}: ${reason}`] : [],
  )
  return [...(last ? [last] : []), ...located]
}

function checkLines(
  check: CheckStatus,
  { at, width, paint, reasons }: { at: Date; width: number; paint: Paint; reasons: readonly string[] },
): string[] {
  const { name, state, since, environment, lastReplay } = check
  const colour = state === 'maintenance' ? 'grey' : stateColours[state]
  const span = since === null ? '' : `for ${durationText(Math.max(0, at.getTime() - since.getTime()))}`
  const last =
    lastReplay === null
      ? 'not replayed yet'
      : `last ${lastReplay.outcome}${lastReplay.durationMs === null ? '' : ` in ${durationText(lastReplay.durationMs)}`}`
  return [
    `${name.padEnd(width)}  ${paint(colour, state.padEnd(11))}  ${span.padEnd(14)}  ${paint('grey', `${environment}, ${last}`)}`,
    ...reasons.map(reason => `    ${reason.split('\n')[0]}`),
    ...remarksOf(check).map(remark => `    ${remarkLine(remark)}`),
  ]
}
