/** `reprise monitor maintenance`: opens, lists and ends maintenance windows. */
import { databaseTime } from '../monitor/store/check-locations.ts'
import { endWindow, type MaintenanceWindow, openWindow, readWindows } from '../monitor/store/maintenance-windows.ts'
import { utcText } from '../monitor/utc-text.ts'
import type { Command, Invocation } from './command.ts'
import { asOperator, operatorHelp, operatorOptions, timeOf, untilOf } from './operator-command.ts'
import { readArguments } from './read-arguments.ts'

export const monitorMaintenance: Command = {
  help: `Usage: npx reprise monitor maintenance [CHECK...] --for DURATION | --until TIME [--from TIME] [--reason TEXT]
       npx reprise monitor maintenance --end NUMBER
       npx reprise monitor maintenance

Opens a maintenance window, beside those of the configuration: failures in it cause no alerts, and its replays do not
count in the uptime, for all instances. What is still down at the end is alerted then. Without options it lists the
windows that are open or to come.

  CHECK...        of these checks only
  --for DURATION  such as 30m, 2h or 7d
  --from TIME     when it begins, with its zone, such as 2030-01-31T22:00Z (default: now)
  --until TIME    when it ends
  --reason TEXT   recorded with it
  --end NUMBER    ends a window now, or cancels it before it begins
${operatorHelp}

Exit code: 0; 2 an error of the command, such as a time in the past.

Examples:
  npx reprise monitor maintenance --for 1h
  npx reprise monitor maintenance orders --from 2030-01-31T22:00Z --for 2h --reason "new disks"
  npx reprise monitor maintenance --end 3`,

  async run(invocation: Invocation): Promise<number> {
    const { values, positionals } = readArguments('monitor maintenance', invocation.args, {
      ...{ ...operatorOptions, for: { type: 'string' }, from: { type: 'string' }, until: { type: 'string' } },
      ...{ reason: { type: 'string' }, end: { type: 'string' } },
    } as const)
    const until = untilOf(values)
    const { from, reason, end } = values
    const hasWindow = until !== undefined || from !== undefined || reason !== undefined || positionals.length > 0
    if (end !== undefined && (hasWindow || !/^[1-9]\d{0,8}$/.test(end)))
      throw new Error('--end of monitor maintenance needs the number of a window, and no other option; see --help.')
    if (hasWindow && until === undefined) throw new Error('monitor maintenance needs --for or --until; see --help.')
    const lines = await asOperator(invocation, values, async (pool, operator) => {
      if (end !== undefined) {
        const wasOpen = await endWindow(pool, Number(end), operator)
        return [`Maintenance window ${end} ${wasOpen ? 'is ended' : 'had ended before'}.`]
      }
      if (until !== undefined) {
        const begin = from === undefined ? undefined : timeOf('--from', from)
        return [lineOf(await openWindow(pool, { from: begin, until, checks: positionals, reason }, operator))]
      }
      const windows = await readWindows(pool, await databaseTime(pool))
      return windows.length === 0 ? ['No maintenance window is open or to come.'] : windows.map(lineOf)
    })
    for (const line of lines) invocation.print(line)
    return 0
  },
}

function lineOf({ id, begin, end, checks, reason, operator }: MaintenanceWindow): string {
  const of = checks?.join(', ') ?? 'all checks'
  return `${id}  ${utcText(begin)} to ${utcText(end)}  ${of}, by ${operator}${reason === undefined ? '' : `: ${reason}`}`
}
