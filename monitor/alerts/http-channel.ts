/** Sends a notice as HTTP requests, and judges their responses. */
import type { Acceptance, Attempt, ChannelKind, Credential } from './channel-kind.ts'
import { NotTaken } from './not-taken.ts'
import type { Notice } from './notice.ts'
import { type ChannelRequest, type ChannelResponse, post } from './post.ts'
import { retryAfterMs } from './retry-after.ts'

export interface HttpChannel<C extends { kind: string }> extends Omit<ChannelKind<C>, 'send' | 'credentials'> {
  /** The URL that is configured, or that of the service; the path of `requestsOf` may differ. */
  urlOf(channel: C): string
  /**
   * Requests that are sent one after the other, at least one; each must be accepted, and may arrive again. What it throws is a
   * fault of the settings; its message may contain credentials.
   */
  requestsOf(channel: C, notice: Notice, now: Date): ChannelRequest[]
  /** Which responses accept a request; default: 2xx. */
  isAccepted?(status: number): boolean
  /** The status that a body stands for, where that of a refusal may be 2xx; undefined if it refuses nothing. */
  refusalIn?(text: string): number | undefined
  /** In addition to the parts of the URL. */
  credentials?(channel: C): Credential[]
}

/** A kind of channel whose receiver accepts a notice by the status of its responses. */
export function httpChannel<C extends { kind: string }>(channel: HttpChannel<C>): ChannelKind<C> {
  return {
    ...channel,
    credentials: settings => [...urlParts(channel.urlOf(settings)), ...(channel.credentials?.(settings) ?? [])],
    async send(settings, notice, attempt) {
      const { name, now, shown } = attempt
      const url = checkedUrl(name, channel.urlOf(settings))
      const requests = withoutCause(name, shown, () => channel.requestsOf(settings, notice, now))
      let acceptance: Acceptance = { answer: 'nothing to send', text: '' }
      for (const request of requests) {
        const id = JSON.stringify([url.href, request.path, request.body])
        if (attempt.accepted.has(id)) continue
        acceptance = await sendOne(url, request, attempt, channel)
        if (requests.length > 1) await attempt.accepted.add(id)
      }
      return acceptance
    },
  }
}

async function sendOne(
  url: URL,
  request: ChannelRequest,
  { name, signal, shown }: Attempt,
  {
    isAccepted = isSuccess,
    refusalIn = () => undefined,
  }: Pick<HttpChannel<{ kind: string }>, 'isAccepted' | 'refusalIn'>,
): Promise<Acceptance> {
  const response = await post(url, request, signal).catch(error => {
    // Without its cause, which may contain the URL.
    if (signal.aborted) throw new NotTaken(`Channel ${name} did not answer in time.`, 'no answer in time')
    throw new NotTaken(`Channel ${name} ${failure(error, shown)}.`, 'no answer')
  })
  const refusedAs = isAccepted(response.status) ? refusalIn(response.text) : response.status
  if (refusedAs !== undefined) {
    throw new NotTaken(
      `Channel ${name} answered ${refusal(response, shown)}`,
      refusedAs === response.status ? `answered ${refusedAs}` : `answered ${response.status} with a refusal`,
      retryAfterMs({ ...response, status: refusedAs }, new Date()),
      isPermanent(refusedAs),
    )
  }
  return { answer: shown(`${response.status} ${response.reason}`), text: shown(response.text) }
}

const isSuccess = (status: number) => status >= 200 && status < 300

/** 4xx and redirects, except for those that another attempt may not meet: time-outs, conflicts, locks and limits. */
const isPermanent = (status: number) =>
  status >= 300 && status < 500 && ![408, 409, 421, 423, 424, 425, 429].includes(status)

function urlParts(text: string): Credential[] {
  if (!URL.canParse(text)) return [['URL', text]]
  const { href, pathname, search } = new URL(text)
  const target = `${pathname}${search}`
  const pieces = target.split(/[/?&=]/).map((piece, index): Credential => [`path part ${index}`, piece])
  return [['URL', text], ['whole URL', href], ['path and query', target], ['path', pathname], ...pieces]
}

function checkedUrl(name: string, text: string): URL {
  const url = URL.canParse(text) ? new URL(text) : undefined
  if (url && /^https?:$/.test(url.protocol) && url.username + url.password === '') return url
  throw new Error(
    `The URL of channel ${name} cannot be used: write one that begins with https:// or http://, without a user and a password.`,
  )
}

/** The cause may contain a credential. */
function withoutCause<T>(name: string, shown: Attempt['shown'], make: () => T): T {
  try {
    return make()
  } catch (error) {
    throw new Error(`The settings of channel ${name} cannot be used: ${shown((error as Error).message)}`)
  }
}

function failure(error: unknown, shown: Attempt['shown']): string {
  const { cause, message } = error as Error
  const { message: reason, code } = (cause ?? {}) as { message?: string; code?: string }
  return `gave no answer: ${shown(reason || code || message).replace(/\.$/, '')}`
}

function refusal({ status, reason, text }: ChannelResponse, shown: Attempt['shown']): string {
  const line = shown(`${status} ${reason}`)
  if (status >= 300 && status < 400)
    return `${line}, a redirect, which is not followed: configure the URL that it leads to.`
  return text === '' ? `${line}.` : `${line}: ${shown(text)}`
}
