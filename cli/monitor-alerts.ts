/** `reprise monitor alerts`, `retry` and `drop`: the messages that were not delivered yet, and what to do with them. */
import { summaryOf } from '../monitor/status-page/alerts/message-summary.ts'
import { durationText } from '../monitor/status-page/parts.ts'
import { readPauses } from '../monitor/store/channel-pauses.ts'
import { dropMessage, retryMessage } from '../monitor/store/message-actions.ts'
import {
  type DeadMessage,
  type MessageQueue,
  type PendingMessage,
  readMessageQueue,
  type WaitingMessage,
} from '../monitor/store/message-queue.ts'
import { utcText } from '../monitor/utc-text.ts'
import type { Command, Invocation } from './command.ts'
import { asOperator, operatorHelp, operatorOptions } from './operator-command.ts'
import { readArguments } from './read-arguments.ts'

/** More are counted, not listed. */
const most = 1000

export const monitorAlerts: Command = {
  help: `Usage: npx reprise monitor alerts [--config FILE] [--json]

Prints the messages that wait to be sent, those that were given up, and the channels whose receivers asked for a pause.

  --json          prints the result as one JSON document
  --config FILE   another file than monitor.config.ts in this folder; its folder has the database

Environment:
  REPRISE_MONITOR_DATABASE_URL  the postgres:// URL of the monitor's database (default: the embedded Postgres in
                                .reprise/monitor beside the configuration, also while a monitor runs on it)

Exit code: 0 no message has failed; 1 a message has failed or was given up; 2 an error of the command, such as a
database that cannot be read.

Examples:
  npx reprise monitor alerts
  npx reprise monitor alerts --json > alerts.json`,

  async run(invocation: Invocation): Promise<number> {
    const { values, positionals } = readArguments('monitor alerts', invocation.args, {
      config: { type: 'string' },
      json: { type: 'boolean' },
    } as const)
    if (positionals.length > 0)
      throw new Error(`monitor alerts takes no ${JSON.stringify(positionals[0])}; see --help.`)
    const { queue, pauses } = await asOperator(invocation, values, async pool => ({
      queue: await readMessageQueue(pool, most),
      pauses: await readPauses(pool),
    }))
    const hasFailed = queue.counts.dead > 0 || queue.waiting.some(({ failure }) => failure !== null)
    const exitCode = hasFailed ? 1 : 0
    if (values.json) {
      invocation.print(JSON.stringify({ version: 1, exitCode, ...queue, pauses }))
      return exitCode
    }
    const lines = [
      ...pauses.map(({ channel, until, reason }) => `${channel} is paused until ${utcText(until)}: it ${reason}.`),
      ...queue.dead.flatMap(message => [titleOf(message), `    ${deadText(message)}`, ...failureOf(message)]),
      ...queue.waiting.flatMap(message => [
        titleOf(message),
        `    ${waitingText(message, queue)}`,
        ...failureOf(message),
      ]),
    ]
    const listed = queue.dead.length + queue.waiting.length
    const more = queue.counts.dead + queue.counts.waiting - listed
    if (more > 0) lines.push(`and ${more} more`)
    invocation.print(listed === 0 ? [...lines, 'No message waits.'].join('\n') : lines.join('\n'))
    return exitCode
  },
}

export const monitorRetry = actionCommand({
  name: 'retry',
  does: `Sends a message now that waits or was given up, and ends the pause of its channel. A later message of the same stream
must not have been accepted meanwhile.`,
  act: retryMessage,
  done: 'is sent again',
})

export const monitorDrop = actionCommand({
  name: 'drop',
  does: `Closes a message that waits or was given up without sending it, so that the later ones of its stream are sent. Its
channel still receives the end of what it was about.`,
  act: dropMessage,
  done: 'is not sent any more',
})

interface MessageCommand {
  name: 'retry' | 'drop'
  does: string
  act: typeof retryMessage
  done: string
}

function actionCommand({ name, does, act, done }: MessageCommand): Command {
  return {
    help: `Usage: npx reprise monitor ${name} ID

${does} npx reprise monitor alerts lists the ids.

${operatorHelp}

Exit code: 0; 2 an error of the command, such as a message that was delivered already.

Examples:
  npx reprise monitor ${name} 42`,

    async run(invocation: Invocation): Promise<number> {
      const { values, positionals } = readArguments(`monitor ${name}`, invocation.args, operatorOptions)
      const [id, ...more] = positionals
      if (id === undefined || more.length > 0) throw new Error(`monitor ${name} needs one id of a message; see --help.`)
      if (!/^[1-9]\d{0,8}$/.test(id)) throw new Error(`${JSON.stringify(id)} is no id of a message, such as 42.`)
      await asOperator(invocation, values, (pool, operator) => act(pool, Number(id), operator))
      invocation.print(`Message ${id} ${done}.`)
      return 0
    },
  }
}

function titleOf({ id, channel, message }: PendingMessage): string {
  const { kind, incident, about } = summaryOf(message)
  const what = [kind, ...(incident === undefined ? [] : [`incident ${incident}`])].join(', ')
  return `${id}  ${what} to ${channel}${about === '' ? '' : `: ${about}`}`
}

function deadText({ deadAt, isOvertaken }: DeadMessage): string {
  const given = `given up ${utcText(deadAt)}`
  return isOvertaken ? `${given}; a later message was accepted, so it can only be dropped` : given
}

function waitingText(message: WaitingMessage, { at }: MessageQueue): string {
  const { createdAt, isTaken, waitsFor, notBefore, nextAttempt } = message
  const waits = `waits for ${durationText(at.getTime() - createdAt.getTime())}`
  if (isTaken) return `${waits}, is being sent`
  if (waitsFor !== null) return `${waits}, after message ${waitsFor}`
  if (notBefore !== null && notBefore > at) return `${waits}, not before ${utcText(notBefore)}`
  return nextAttempt > at ? `${waits}, next attempt ${utcText(nextAttempt)}` : `${waits}, due now`
}

function failureOf({ attempts, lastError }: PendingMessage): string[] {
  return lastError === null ? [] : [`    ${attempts} ${attempts === 1 ? 'attempt' : 'attempts'}, last: ${lastError}`]
}
