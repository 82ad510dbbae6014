/** `reprise monitor advise`: suggests rules that would have sent fewer alerts. */
import path from 'node:path'
import { suggestion } from '../monitor/config/nearest.ts'
import { parseDuration } from '../monitor/duration.ts'
import { maintenance } from '../monitor/schedule/maintenance.ts'
import { rulesOf } from '../monitor/service/compiled-configuration.ts'
import {
  adviceText,
  type CheckAdvice,
  readAdvice,
  realText,
  usualRealAfterMs,
} from '../monitor/status-page/check-advice.ts'
import { databaseTime } from '../monitor/store/check-locations.ts'
import { isInWindow, readWindows } from '../monitor/store/maintenance-windows.ts'
import type { Command, Invocation } from './command.ts'
import { configurationOrFaults } from './faults.ts'
import { readArguments } from './read-arguments.ts'
import { readMonitorDatabase } from './read-monitor-database.ts'

export const monitorAdvise: Command = {
  help: `Usage: npx reprise monitor advise [CHECK...] [--since DURATION] [--real-after DURATION] [--json]

Evaluates the recorded replays of each check with other values of confirm, agree and slowAbove, and suggests those that
would have sent fewer alerts without losing a real outage. Nothing is replayed, sent or changed.

  --since DURATION       only the history of this duration, such as 7d (default: all)
  --real-after DURATION  an outage that is known to have lasted so long is real (default: 5m)
  --json                 prints the result as one JSON document

Environment:
  REPRISE_MONITOR_DATABASE_URL  the monitor's database (default: the one in .reprise/monitor, also while a monitor runs)

An outage is also real if several checks shared its incident, or if an operator acknowledged that. An outage is known to
have lasted from its first failed slot to its last one; a short one between two slots may have been longer.

Exit code: 0; 2 an error of the command, such as a fault in the configuration, or a database that cannot be read.

Examples:
  npx reprise monitor advise
  npx reprise monitor advise users --since 7d --json`,

  async run({ args, env, folder, print }: Invocation): Promise<number> {
    const { values, positionals } = readArguments('monitor advise', args, {
      since: { type: 'string' },
      'real-after': { type: 'string' },
      json: { type: 'boolean' },
    } as const)
    const spanMs = durationOf('--since', values.since)
    const realAfterMs = durationOf('--real-after', values['real-after']) ?? usualRealAfterMs
    const { file, checks, ...rest } = await configurationOrFaults({ folder, json: values.json, print }, load => load())
    const names = checks.map(({ name }) => name)
    for (const name of positionals) {
      if (!names.includes(name)) throw new Error(`There is no check "${name}"; ${suggestion(name, names)}`)
    }
    const windows = maintenance(rest.maintenance)
    try {
      const result = await readMonitorDatabase(env, path.dirname(file), async pool => {
        const since = spanMs === undefined ? null : new Date((await databaseTime(pool)).getTime() - spanMs)
        const after = since ?? new Date(0)
        const opened = await readWindows(pool, after)
        const advice: CheckAdvice[] = []
        for (const check of rulesOf(checks)) {
          if (positionals.length > 0 && !positionals.includes(check.name)) continue
          const slowAboveMs = checks.find(({ name }) => name === check.name)?.slowAboveMs
          const request = { check, after, most: Number.MAX_SAFE_INTEGER, realAfterMs }
          advice.push(
            await readAdvice(pool, {
              ...request,
              isInMaintenance: (name, at) => windows.includes(name, at) || isInWindow(opened, name, at),
              ...(slowAboveMs !== undefined && { slowAboveMs }),
            }),
          )
        }
        return { since, advice }
      })
      if (values.json)
        print(JSON.stringify({ version: 1, exitCode: 0, since: result.since, realAfterMs, checks: result.advice }))
      else print([...result.advice.map(text), realText(realAfterMs)].join('\n\n'))
      return 0
    } finally {
      windows.close()
    }
  },
}

function durationOf(option: string, text: string | undefined): number | undefined {
  if (text === undefined) return undefined
  const duration = parseDuration(text)
  if (duration === undefined) {
    throw new Error(`${option} is ${JSON.stringify(text)}: write a duration such as 12h or 7d.`)
  }
  return duration
}

function text(advice: CheckAdvice): string {
  const { past, nothing, lines } = adviceText(advice)
  const width = Math.max(0, ...lines.map(({ settings }) => settings.length))
  return [
    `${advice.name}: ${past}`,
    ...(nothing === undefined ? [] : [`  ${nothing}`]),
    ...lines.map(({ settings, text }) => `  ${settings.padEnd(width)}  ${text}`),
  ].join('\n')
}
