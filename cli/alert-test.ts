/** `reprise monitor alert-test`: sends a test message, or samples of other messages, to a channel. */
import { randomUUID } from 'node:crypto'
import { NotTaken } from '../monitor/alerts/not-taken.ts'
import type { Notice } from '../monitor/alerts/notice.ts'
import { sampleKinds, sampleMessages } from '../monitor/alerts/sample-messages.ts'
import { sendNotice } from '../monitor/alerts/send-notice.ts'
import { loadConfiguration } from '../monitor/config/load-configuration.ts'
import { suggestion } from '../monitor/config/nearest.ts'
import type { Command, Invocation } from './command.ts'

import { readArguments } from './read-arguments.ts'

/** The time limit of an alert. */
const patienceMs = 10_000

export const alertTest: Command = {
  help: `Usage: npx reprise monitor alert-test CHANNEL [--kind KIND] [--config FILE]

Sends one message to a channel of monitor.config.ts, marked as a test, and prints the response.

  --kind KIND     a sample of another message, about an environment "sample": ${sampleKinds.slice(1, 6).join(', ')},
                  ${sampleKinds.slice(6).join(', ')};
                  or all, which sends each of them
  --config FILE   another file than monitor.config.ts in this folder

Environment:
  REPRISE_URL     the public URL of the status page, for the link in messages
  and the variables that secret('NAME') names in the configuration

Exit code: 0 the receiver has accepted each message; 1 it has not; 2 an error of the command, such as a secret that is not
set.

Examples:
  npx reprise monitor alert-test oncall
  npx reprise monitor alert-test oncall --kind down
  npx reprise monitor alert-test oncall --config staging/monitor.config.ts`,

  async run({ args, env, folder, print, complain }: Invocation): Promise<number> {
    const options = { config: { type: 'string' }, kind: { type: 'string' } } as const
    const { values, positionals } = readArguments('monitor alert-test', args, options)
    const [name, ...more] = positionals
    if (name === undefined) throw new Error('monitor alert-test needs the name of a channel; see --help.')
    if (more.length > 0) throw new Error(`monitor alert-test takes one channel, but got ${positionals.join(' and ')}.`)
    const messages = chosenMessages(values.kind)
    const { channels } = await loadConfiguration(folder, values.config)
    const channel = Object.hasOwn(channels, name) ? channels[name] : undefined
    if (!channel) throw new Error(unknownChannel(name, Object.keys(channels)))
    let areTaken = true
    for (const message of messages) {
      const notice = { message, idempotencyKey: randomUUID(), statusPage: env.REPRISE_URL || undefined }
      const what = values.kind === undefined ? 'the message' : kindText(message)
      try {
        const { answer, text, remark } = await sendNotice(
          { name, channel, env },
          notice,
          AbortSignal.timeout(patienceMs),
        )
        print(`Channel ${name} accepted ${what}: ${answer}${text === '' ? '' : `, ${JSON.stringify(text)}`}.`)
        if (remark) complain(`${remark}.`)
      } catch (error) {
        if (!(error instanceof NotTaken)) throw error
        complain(values.kind === undefined ? error.message : `${what}: ${error.message}`)
        areTaken = false
      }
    }
    if (areTaken && channel.kind === 'webhook' && channel.signingKey === undefined) {
      complain('The message was not signed: set signingKey of the webhook, so that its receiver can verify the sender.')
    }
    return areTaken ? 0 : 1
  },
}

function chosenMessages(kind = 'test'): Notice['message'][] {
  const now = new Date()
  if (kind === 'all') return sampleKinds.flatMap(each => sampleMessages(each, now))
  const known = sampleKinds.find(each => each === kind)
  if (!known) throw new Error(`There is no kind "${kind}" of messages; ${suggestion(kind, ['all', ...sampleKinds])}`)
  return sampleMessages(known, now)
}

/** Such as `down`, or `certificate (began)`. */
const kindText = (message: Notice['message']) =>
  'phase' in message ? `${message.kind} (${message.phase})` : message.kind

function unknownChannel(name: string, names: readonly string[]): string {
  if (names.length > 0) return `There is no channel "${name}"; ${suggestion(name, names)}`
  // The file that `init` writes has its channel only with the variable.
  return `There is no channel "${name}": the configuration has none. Write it there; if channels there depend on a variable such as SLACK_URL, set that.`
}
