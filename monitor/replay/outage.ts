/** Asks whether anybody is there at an environment's base URL, while tests of a run get no answer from it. */
import http from 'node:http'
import https from 'node:https'
import { setTimeout as pause } from 'node:timers/promises'
import type { Attempt } from './outcome.ts'

export interface Outage {
  /** Resolves with why, as soon as it is certain that nobody is there. */
  readonly nobody: Promise<string>
  /** A test has begun: unless it ends soon, the base URL is asked. */
  testBegan(): void
  /** A test that has got no answer has the base URL asked at once; one that has got one ends that. */
  testEnded(attempt: Attempt): void
  close(): void
}

export interface OutageOptions {
  baseURL: string
  /** For so long, in milliseconds, nothing may be answered; of the tests that would be spared, the longest time. */
  timeoutMs: number
  /** Whether the service wants certificates of its clients: it may well reset the connection of one without. */
  wantsCertificate: boolean
}

/** In milliseconds. Who is as slow as that may be asked to hurry. */
const longestSilence = 60_000
const longestWait = 2000
/** So many connections in a row have to fail: one may be bad luck. */
const attempts = 3
const betweenMs = 200

export function watchForOutage({ baseURL, timeoutMs, wantsCertificate }: OutageOptions): Outage {
  const silenceMs = Math.min(longestSilence, timeoutMs)
  const absences = wantsCertificate ? unreachable : [...unreachable, ...dropped]
  let resolve: (absence: string) => void = () => undefined
  const nobody = new Promise<string>(settle => {
    resolve = settle
  })
  let waiting: NodeJS.Timeout | undefined
  let asking: AbortController | undefined
  const ask = () => {
    clearTimeout(waiting)
    if (asking) return
    const own = new AbortController()
    asking = own
    void absenceAt(baseURL, silenceMs, absences, own.signal).then(absence => {
      if (own.signal.aborted) return
      asking = undefined
      if (absence !== undefined) resolve(absence)
    })
  }
  const rest = () => {
    clearTimeout(waiting)
    asking?.abort()
    asking = undefined
  }
  return {
    nobody,
    testBegan: () => {
      clearTimeout(waiting)
      waiting = setTimeout(ask, Math.min(longestWait, silenceMs / 4))
    },
    testEnded: attempt => {
      if (hasAnswer(attempt)) rest()
      else if (attempt.status === 'failed') ask()
    },
    close: rest,
  }
}

/** A test that passes without a request says nothing of who is there, and does no harm here. */
function hasAnswer({ status, log }: Attempt): boolean {
  return status === 'passed' || (log?.requests.some(request => request.status !== undefined) ?? false)
}

/** Why nobody is there; undefined where somebody is, or nobody can tell. */
async function absenceAt(
  url: string,
  silenceMs: number,
  absences: readonly string[],
  stopped: AbortSignal,
): Promise<string | undefined> {
  const silence = AbortSignal.timeout(silenceMs)
  const signal = AbortSignal.any([stopped, silence])
  for (let attempt = 1; ; attempt++) {
    const failure = await failureOf(url, signal)
    if (failure === undefined || stopped.aborted) return undefined
    if (silence.aborted) return `GET ${url} was not answered within ${silenceMs / 1000} s`
    // Others come from somebody, such as one whose certificate has expired.
    if (!absences.includes(failure.code ?? '')) return undefined
    if (attempt === attempts) return `GET ${url}: ${failure.message || failure.code}, ${attempts} times`
    await pause(betweenMs, undefined, { signal }).catch(() => undefined)
  }
}

/** Any answer will do, whatever it says, also of somebody whose certificate is not to be trusted: nothing is told to them. */
function failureOf(url: string, signal: AbortSignal): Promise<NodeJS.ErrnoException | undefined> {
  return new Promise(resolve => {
    const { get } = url.startsWith('https:') ? https : http
    const request = get(url, { agent: false, signal, rejectUnauthorized: false }, response => {
      response.destroy()
      resolve(undefined)
    })
    request.on('error', resolve)
  })
}

/** Codes of Node's errors that say that nobody can be reached. */
const unreachable = [
  'ECONNREFUSED',
  'ENOTFOUND',
  'EAI_AGAIN',
  'EAI_NODATA',
  'EHOSTUNREACH',
  'EHOSTDOWN',
  'ENETUNREACH',
  'ENETDOWN',
  'ETIMEDOUT',
]
/** Those of somebody who closes the connection and says nothing. */
const dropped = ['ECONNRESET', 'EPIPE']
