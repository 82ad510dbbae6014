/** Requests an environment's base URL while tests of a run get no response, and decides whether the service is unreachable. */
import http from 'node:http'
import https from 'node:https'
import { setTimeout as pause } from 'node:timers/promises'
import { resolvable } from '../resolvable-name.ts'
import type { Attempt } from './outcome.ts'

export interface Outage {
  /**
   * Resolves with the reason when the service is unreachable: a test has failed without a response, no test has got one, and
   * the base URL fails in the same way.
   */
  readonly unreachable: Promise<string>
  /** Playwright starts and loads the specs, which may send requests as well: if that takes long, the base URL is requested. */
  loading(): void
  /** The specs are loaded. */
  loaded(): void
  /** They cannot be loaded. Returns why the service is unreachable, if that may be the cause. */
  loadFailed(): Promise<string | undefined>
  /** A test has begun: unless it ends soon, the base URL is requested. */
  testBegan(): void
  /**
   * A test that has got no response has the base URL requested at once; one that has got one ends that for good. The failure
   * of a test that took a detour is no evidence about the base URL.
   */
  testEnded(attempt: Attempt, tookDetour: boolean): void
  close(): void
}

export interface OutageOptions {
  baseURL: string
  /** For so long, in milliseconds, a response may take: the longest timeout of the tests. */
  timeoutMs: number
  /** Whether the service requires client certificates: it may reset a connection without one. */
  wantsCertificate: boolean
}

/** In milliseconds. A service that takes longer counts as hanging, whatever the timeout of its tests. */
const longestSilence = 60_000
const longestWait = 2000
const longestLoad = 10_000
/** So many connections have to fail, so many milliseconds apart: a service may be restarting. */
const [attempts, betweenMs] = [3, 1500]
/** A host may have addresses that lead nowhere: for so long, in milliseconds, the next one waits. */
const addressMs = 5000

export function watchForOutage({ baseURL, timeoutMs, wantsCertificate }: OutageOptions): Outage {
  const silenceMs = Math.min(longestSilence, timeoutMs)
  const codes = wantsCertificate ? unreachableCodes : [...unreachableCodes, ...droppedCodes]
  let resolve: (absence: string) => void = () => undefined
  const unreachable = new Promise<string>(settle => {
    resolve = settle
  })
  let waiting: NodeJS.Timeout | undefined
  let asking: AbortController | undefined
  let absence: Absence | undefined
  let hasResponded = false
  let isLoading = false
  let hasBegun = false
  const failures: Attempt[] = []
  const decide = () => {
    if (!absence) return
    const { isSilence, why } = absence
    if (isLoading || failures.some(attempt => isSilence || isUnreached(attempt))) resolve(why)
  }
  const ask = () => {
    clearTimeout(waiting)
    if (asking || hasResponded) return
    const own = new AbortController()
    asking = own
    absence = undefined
    void absenceAt(baseURL, silenceMs, codes, own.signal).then(found => {
      if (own.signal.aborted) return
      asking = undefined
      absence = found
      decide()
    })
  }
  const close = () => {
    clearTimeout(waiting)
    asking?.abort()
    asking = undefined
  }
  return {
    unreachable,
    loading: () => {
      // Of a further process that starts beside one whose tests hang.
      if (hasBegun) return
      isLoading = true
      clearTimeout(waiting)
      waiting = setTimeout(ask, longestLoad)
    },
    loaded: () => {
      if (!isLoading) return
      isLoading = false
      close()
    },
    loadFailed: async () => {
      close()
      return (await absenceAt(baseURL, silenceMs, codes, new AbortController().signal))?.why
    },
    testBegan: () => {
      hasBegun = true
      clearTimeout(waiting)
      if (!hasResponded) waiting = setTimeout(ask, Math.min(longestWait, silenceMs / 4))
    },
    testEnded: (attempt, tookDetour) => {
      if (hasResponse(attempt)) {
        hasResponded = true
        close()
      } else if (attempt.status === 'failed' && !tookDetour) {
        failures.push(attempt)
        if (absence) decide()
        else ask()
      }
    },
    close,
  }
}

function hasResponse({ log }: Attempt): boolean {
  return log?.requests.some(request => request.status !== undefined) ?? false
}

/** Whether a connection has failed, rather than a request timed out. Without a log, the test's own error has to do. */
function isUnreached({ log, error }: Attempt): boolean {
  const messages = log ? log.requests.map(request => request.error ?? '') : []
  return [...messages, error?.message ?? ''].some(message => unreachedPattern.test(message))
}

/** The codes of Node and of browsers. */
const unreachedPattern =
  /\b(?:ECONN(?:REFUSED|RESET)|ENOTFOUND|EAI_[A-Z]+|EHOST[A-Z]+|ENET[A-Z]+|ETIMEDOUT|EPIPE|socket hang up|ERR_(?:CONNECTION|NAME|ADDRESS|EMPTY|SOCKET)_[A-Z_]+)\b/

interface Absence {
  why: string
  /** The connection was accepted, or may have been, and no response came. */
  isSilence: boolean
}

/** Undefined where the service responds, or it is not certain that it does not. */
async function absenceAt(
  url: string,
  silenceMs: number,
  codes: readonly string[],
  stopped: AbortSignal,
): Promise<Absence | undefined> {
  const silence = AbortSignal.timeout(silenceMs)
  const signal = AbortSignal.any([stopped, silence])
  for (let attempt = 1; ; attempt++) {
    const failure = await failureOf(url, signal)
    if (failure === undefined || stopped.aborted) return undefined
    if (silence.aborted) return { why: `GET ${url} was not answered within ${silenceMs / 1000} s`, isSilence: true }
    // Other errors come from a service that is there, such as one whose certificate has expired.
    if (!codes.includes(failure.code ?? '')) return undefined
    if (attempt === attempts)
      return { why: `GET ${url}: ${failure.message || failure.code}, ${attempts} times`, isSilence: false }
    await pause(betweenMs, undefined, { signal }).catch(() => undefined)
  }
}

/** Any response counts, also with a certificate that is not trusted: the request holds no secret. */
async function failureOf(url: string, signal: AbortSignal): Promise<NodeJS.ErrnoException | undefined> {
  try {
    // A name that nothing resolves must not keep alerts waiting.
    await resolvable(new URL(url).hostname, signal)
  } catch (error) {
    return error as NodeJS.ErrnoException
  }
  return new Promise(resolve => {
    const { get } = url.startsWith('https:') ? https : http
    const options = { agent: false, signal, rejectUnauthorized: false, autoSelectFamilyAttemptTimeout: addressMs }
    const request = get(url, options, response => {
      response.destroy()
      resolve(undefined)
    })
    request.on('error', resolve)
  })
}

/** Node's error codes for a host that cannot be reached. */
const unreachableCodes = [
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
/** Those for a connection that is closed without a response. */
const droppedCodes = ['ECONNRESET', 'EPIPE']
