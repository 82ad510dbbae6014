/** `reprise monitor mute` and `unmute`: create no alerts of failures for a time. */
import type { MuteSubject } from '../monitor/store/action-subjects.ts'
import { mute, unmute } from '../monitor/store/mutes.ts'
import { utcText } from '../monitor/utc-text.ts'
import type { Command, Invocation } from './command.ts'
import { asOperator, operatorHelp, operatorOptions, untilOf } from './operator-command.ts'
import { readArguments } from './read-arguments.ts'

export const monitorMute: Command = {
  help: `Usage: npx reprise monitor mute NAME --for DURATION | --until TIME [--channel]

Creates no alerts of failures of a check until a time, for all instances. Its replays go on and count in the uptime;
recoveries are alerted. What is still down at the end is alerted then.

  --for DURATION  such as 30m, 2h or 7d
  --until TIME    with its zone, such as 2030-01-31T22:00Z
  --channel       NAME is a channel, which gets no alerts of any check
${operatorHelp}

Exit code: 0; 2 an error of the command, such as a check that is not monitored.

Examples:
  npx reprise monitor mute users --for 2h
  npx reprise monitor mute oncall --channel --until 2030-01-31T22:00Z`,

  async run(invocation: Invocation): Promise<number> {
    const { values, positionals } = readArguments('monitor mute', invocation.args, {
      ...{ ...operatorOptions, channel: { type: 'boolean' } },
      ...{ for: { type: 'string' }, until: { type: 'string' } },
    } as const)
    const subject = subjectOf('monitor mute', positionals, values.channel)
    const until = untilOf(values)
    if (until === undefined) throw new Error('monitor mute needs --for or --until; see --help.')
    const { until: end } = await asOperator(invocation, values, (pool, operator) =>
      mute(pool, subject, until, operator),
    )
    invocation.print(`${shown(subject)} is muted until ${utcText(end)}.`)
    return 0
  },
}

export const monitorUnmute: Command = {
  help: `Usage: npx reprise monitor unmute NAME [--channel]

Ends the mute of a check or channel. What is down is alerted with the next result.

  --channel       NAME is a channel
${operatorHelp}

Exit code: 0, also if it was not muted; 2 an error of the command, such as a check that is not monitored.

Examples:
  npx reprise monitor unmute users`,

  async run(invocation: Invocation): Promise<number> {
    const { values, positionals } = readArguments('monitor unmute', invocation.args, {
      ...operatorOptions,
      channel: { type: 'boolean' },
    } as const)
    const subject = subjectOf('monitor unmute', positionals, values.channel)
    const wasMuted = await asOperator(invocation, values, (pool, operator) => unmute(pool, subject, operator))
    invocation.print(`${shown(subject)} ${wasMuted ? 'is not muted any more' : 'was not muted'}.`)
    return 0
  },
}

function subjectOf(command: string, [name, ...more]: readonly string[], isChannel = false): MuteSubject {
  if (name === undefined || more.length > 0) throw new Error(`${command} needs one name; see --help.`)
  return { kind: isChannel ? 'channel' : 'check', name }
}

const shown = ({ kind, name }: MuteSubject) => `${kind === 'check' ? 'Check' : 'Channel'} ${name}`
