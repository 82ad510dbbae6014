/** `reprise monitor alert-test`: sends a test message to a channel. */
import { randomUUID } from 'node:crypto'
import { NotTaken } from '../monitor/alerts/not-taken.ts'
import { sendNotice } from '../monitor/alerts/send-notice.ts'
import { loadConfiguration } from '../monitor/config/load-configuration.ts'
import { suggestion } from '../monitor/config/nearest.ts'
import type { Command, Invocation } from './command.ts'

import { readArguments } from './read-arguments.ts'

/** The time limit of an alert. */
const patienceMs = 10_000

export const alertTest: Command = {
  help: `Usage: npx reprise monitor alert-test CHANNEL [--config FILE]

Sends one message to a channel of monitor.config.ts, marked as a test, and prints the response.

  --config FILE   another file than monitor.config.ts in this folder

Environment:
  REPRISE_URL     the public URL of the status page, for the link in messages
  and the variables that secret('NAME') names in the configuration

Exit code: 0 the receiver has responded with 2xx; 1 it has not; 2 an error of the command, such as a secret that is not
set.

Examples:
  npx reprise monitor alert-test oncall
  npx reprise monitor alert-test oncall --config staging/monitor.config.ts`,

  async run({ args, env, folder, print, complain }: Invocation): Promise<number> {
    const { values, positionals } = readArguments('monitor alert-test', args, { config: { type: 'string' } } as const)
    const [name, ...more] = positionals
    if (name === undefined) throw new Error('monitor alert-test needs the name of a channel; see --help.')
    if (more.length > 0) throw new Error(`monitor alert-test takes one channel, but got ${positionals.join(' and ')}.`)
    const { channels } = await loadConfiguration(folder, values.config)
    const channel = Object.hasOwn(channels, name) ? channels[name] : undefined
    if (!channel) throw new Error(`There is no channel "${name}"; ${suggestion(name, Object.keys(channels))}`)
    const now = new Date()
    const notice = {
      message: { kind: 'test' as const, at: now.toISOString() },
      idempotencyKey: randomUUID(),
      statusPage: env.REPRISE_URL || undefined,
    }
    try {
      const { answer, text, remark } = await sendNotice({ name, channel, env }, notice, AbortSignal.timeout(patienceMs))
      print(`Channel ${name} accepted the message: ${answer}${text === '' ? '' : `, ${JSON.stringify(text)}`}.`)
      if (remark) complain(`${remark}.`)
    } catch (error) {
      if (!(error instanceof NotTaken)) throw error
      complain(error.message)
      return 1
    }
    if (channel.kind === 'webhook' && channel.signingKey === undefined) {
      complain('The message was not signed: set signingKey of the webhook, so that its receiver can verify the sender.')
    }
    return 0
  },
}
