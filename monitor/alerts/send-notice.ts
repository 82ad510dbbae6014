/** Sends one notice to one channel; errors contain no secrets. */
import type { Redactor } from '../../environment/secrets/redaction/redactor.ts'
import { reveal, secretValue } from '../../environment/secrets/secret.ts'
import type { AcceptedRecipients } from '../store/accepted-recipients.ts'
import { storableJson } from '../store/storable.ts'
import type { Acceptance } from './channel-kind.ts'
import { channelRedactor } from './channel-redactor.ts'
import { type Channel, kindOf } from './channels.ts'
import type { Notice } from './notice.ts'

export interface Recipient {
  /** Of the channel. */
  name: string
  channel: Channel
  /** Contains the secrets. */
  env: NodeJS.ProcessEnv
}

/** Most characters of a response that are shown. */
const longest = 200

/**
 * Resolves with the answer of a receiver that has accepted the message. Throws `NotTaken`, or what is wrong in the
 * configuration.
 * @param accepted Recipients of the channel that have accepted it in an earlier attempt; more are added.
 */
export async function sendNotice(
  { name, channel, env }: Recipient,
  notice: Notice,
  signal: AbortSignal,
  accepted: AcceptedRecipients = new Set<string>(),
): Promise<Acceptance> {
  const revealed = revealAll(channel, env)
  const asked = new Set<string>()
  const secret = (name: string) => {
    const value = secretValue(name, env)
    asked.add(name)
    return value
  }
  // Made once for all requests of a message, unless a function of the user asks for a further secret meanwhile.
  let made: { redactor: Redactor; of: number } | undefined
  const shown = (text: string) => {
    if (made?.of !== asked.size)
      made = { redactor: channelRedactor(channel, revealed, env, [...asked]), of: asked.size }
    const line = made.redactor
      .text(text)
      .replace(/[\p{Cc}\p{Cf}\s]+/gu, ' ')
      .trim()
    return line.length > longest ? `${line.slice(0, longest - 1)}…` : line
  }
  // A receiver may reject NUL and half a character, as Postgres does, and would never accept the message.
  const readable: Notice = { ...notice, message: JSON.parse(storableJson(notice.message)) }
  return kindOf(revealed).send(revealed, readable, { name, now: new Date(), signal, accepted, secret, shown })
}

/** Reveals the secrets in all texts. */
function revealAll<T>(value: T, env: NodeJS.ProcessEnv): T
function revealAll(value: unknown, env: NodeJS.ProcessEnv): unknown {
  if (typeof value === 'string') return reveal(value, env)
  if (Array.isArray(value)) return value.map(entry => revealAll(entry, env))
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(Object.entries(value).map(([key, entry]) => [key, revealAll(entry, env)]))
}
