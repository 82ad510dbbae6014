/** Sends one notice to one channel; errors contain no secrets. */
import { reveal } from '../../environment/secrets/secret.ts'
import type { Channel } from '../config/channels.ts'
import { DeliveryFailure } from '../store/delivery-failure.ts'
import { channelRedactor } from './channel-redactor.ts'
import type { Notice } from './notice.ts'
import { type ChannelRequest, type ChannelResponse, post } from './post.ts'
import { slackRequest } from './slack-request.ts'
import { webhookRequest } from './webhook-request.ts'

export interface Recipient {
  /** Of the channel. */
  name: string
  channel: Channel
  /** Contains the secrets. */
  env: NodeJS.ProcessEnv
}

/** NotTaken: the receiver has not accepted the message; other errors are those of the channel's settings. */
export class NotTaken extends DeliveryFailure {}

/** Most characters of a response that are shown. */
const longest = 200

/**
 * Resolves with the response of a receiver that has accepted the message (2xx), shortened and without secrets. Throws
 * `NotTaken`, or what is wrong in the configuration.
 */
export async function sendNotice({ name, channel, env }: Recipient, notice: Notice, signal: AbortSignal) {
  const revealed = revealAll(channel, env)
  const redactor = channelRedactor(channel, revealed, env)
  const shown = (text: string) => {
    const line = redactor
      .text(text)
      .replace(/[\p{Cc}\p{Cf}\s]+/gu, ' ')
      .trim()
    return line.length > longest ? `${line.slice(0, longest - 1)}…` : line
  }
  const url = urlOf(name, revealed)
  const request = requestOf(name, revealed, notice, shown)
  const response = await post(url, request, signal).catch(error => {
    // Without its cause, which may contain the URL.
    if (signal.aborted) throw new NotTaken(`Channel ${name} did not answer in time.`, 'no answer in time')
    throw new NotTaken(`Channel ${name} ${failure(error, shown)}.`, 'no answer')
  })
  const taken = response.status >= 200 && response.status < 300
  if (!taken) throw new NotTaken(`Channel ${name} answered ${refusal(response, shown)}`, `answered ${response.status}`)
  return { ...response, reason: shown(response.reason), text: shown(response.text) }
}

function revealAll(channel: Channel, env: NodeJS.ProcessEnv): Channel {
  const url = reveal(channel.url, env)
  if (channel.kind === 'slack') return { ...channel, url }
  const { signingKey, headers = {} } = channel
  return {
    ...channel,
    url,
    ...(signingKey !== undefined && { signingKey: reveal(signingKey, env) }),
    headers: Object.fromEntries(Object.entries(headers).map(([header, value]) => [header, reveal(value, env)])),
  }
}

function urlOf(name: string, { url: text }: Channel): URL {
  const url = URL.canParse(text) ? new URL(text) : undefined
  if (url && /^https?:$/.test(url.protocol) && url.username + url.password === '') return url
  throw new Error(
    `The URL of channel ${name} cannot be used: write one that begins with https:// or http://, without a user and a password.`,
  )
}

function requestOf(name: string, channel: Channel, notice: Notice, shown: (text: string) => string): ChannelRequest {
  try {
    return channel.kind === 'slack' ? slackRequest(notice) : webhookRequest(channel, notice, new Date())
  } catch (error) {
    // Without its cause, which may contain a header.
    throw new Error(`The settings of channel ${name} cannot be used: ${shown((error as Error).message)}`)
  }
}

function failure(error: unknown, shown: (text: string) => string): string {
  const { cause, message } = error as Error
  const { message: reason, code } = (cause ?? {}) as { message?: string; code?: string }
  return `gave no answer: ${shown(reason || code || message).replace(/\.$/, '')}`
}

function refusal({ status, reason, text }: ChannelResponse, shown: (text: string) => string): string {
  const line = shown(`${status} ${reason}`)
  if (status >= 300 && status < 400)
    return `${line}, a redirect, which is not followed: configure the URL that it leads to.`
  return text === '' ? `${line}.` : `${line}: ${shown(text)}`
}
