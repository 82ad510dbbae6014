/** Requests an environment's base URL and its other origins while tests of a run get no response, and decides whether the service is unreachable. */
import http from 'node:http'
import https from 'node:https'
import { setTimeout as pause } from 'node:timers/promises'
import { resolvable } from '../resolvable-name.ts'
import type { Attempt } from './outcome.ts'

/** What is known of a service that is unreachable. */
export interface Absence {
  why: string
  /** Tests with a timeout of at most so many milliseconds fail for it; Infinity: all. */
  timeoutMs: number
}

export interface Outage {
  /**
   * Calls the listener when the service is unreachable: a test has failed without a response, no test has got one, and the base URL
   * fails in the same way. A service that hangs is unreachable for tests with a short timeout first, and for others later. What is
   * known already is passed on at once.
   */
  onUnreachable(listener: (absence: Absence) => void): void
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
  /** The base URL, and the other origins of the service: it is unreachable if none of them responds. */
  urls: readonly string[]
  /** Of the tests, in milliseconds: for so long a response may take. */
  timeoutsMs: readonly number[]
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

export function watchForOutage({ urls, timeoutsMs, wantsCertificate }: OutageOptions): Outage {
  const silencesMs = [...new Set(timeoutsMs.map(timeoutMs => Math.min(longestSilence, timeoutMs)))].sort(
    (a, b) => a - b,
  )
  const waitMs = Math.min(longestWait, (silencesMs[0] ?? longestSilence) / 4)
  const codes = wantsCertificate ? unreachableCodes : [...unreachableCodes, ...droppedCodes]
  const listeners: ((absence: Absence) => void)[] = []
  let decided: Absence | undefined
  let waiting: NodeJS.Timeout | undefined
  let asking: AbortController | undefined
  let absence: FoundAbsence | undefined
  let hasResponded = false
  let isLoading = false
  let hasBegun = false
  const failures: Attempt[] = []
  const decide = () => {
    if (!absence || absence.timeoutMs <= (decided?.timeoutMs ?? 0)) return
    const { isSilence, ...found } = absence
    // What the tests that are loaded have for a timeout is not known yet.
    const isCertain = isLoading
      ? found.timeoutMs === Number.POSITIVE_INFINITY
      : failures.some(attempt => isSilence || isUnreached(attempt))
    if (!isCertain) return
    decided = found
    for (const listener of listeners) listener(found)
  }
  /** What was found until now does not count; after a further failure, all are requested again. */
  const stopAsking = () => {
    asking?.abort()
    asking = undefined
    absence = undefined
  }
  const ask = () => {
    clearTimeout(waiting)
    if (asking || hasResponded) return
    const own = new AbortController()
    asking = own
    absence = undefined
    const found = new Map<string, FoundAbsence | undefined>()
    const hear = (url: string, of: FoundAbsence | undefined) => {
      if (own.signal.aborted) return
      if (of === undefined) return stopAsking()
      found.set(url, of)
      absence = jointAbsence(urls.map(url => found.get(url)))
      decide()
    }
    const asked = urls.map(async url => {
      hear(url, await absenceAt(url, silencesMs, codes, own.signal, of => hear(url, of)))
    })
    void Promise.all(asked).then(() => {
      if (asking === own) asking = undefined
    })
  }
  const close = () => {
    clearTimeout(waiting)
    stopAsking()
  }
  return {
    onUnreachable: listener => {
      listeners.push(listener)
      if (decided) listener(decided)
    },
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
      const { signal } = new AbortController()
      return jointAbsence(await Promise.all(urls.map(url => absenceAt(url, silencesMs, codes, signal))))?.why
    },
    testBegan: () => {
      hasBegun = true
      clearTimeout(waiting)
      if (!hasResponded) waiting = setTimeout(ask, waitMs)
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

/** Of the environment: another origin, such as that of a login, may respond while it does not. */
function hasResponse({ log }: Attempt): boolean {
  return log !== undefined && log.answered > 0
}

/** Whether a connection has failed, rather than a request timed out. Without a log, the test's own error has to do. */
function isUnreached({ log, error }: Attempt): boolean {
  const messages = log ? log.requests.map(request => request.error ?? '') : []
  return [...messages, error?.message ?? ''].some(message => unreachedPattern.test(message))
}

/** The codes of Node and of browsers. */
const unreachedPattern =
  /\b(?:ECONN(?:REFUSED|RESET)|ENOTFOUND|EAI_[A-Z]+|EHOST[A-Z]+|ENET[A-Z]+|ETIMEDOUT|EPIPE|socket hang up|ERR_(?:CONNECTION|NAME|ADDRESS|EMPTY|SOCKET)_[A-Z_]+)\b/

interface FoundAbsence extends Absence {
  /** The connection was accepted, or may have been, and no response came. */
  isSilence: boolean
}

/** Undefined unless it is known of each of them. */
function jointAbsence(all: readonly (FoundAbsence | undefined)[]): FoundAbsence | undefined {
  const found = all.filter(absence => absence !== undefined)
  if (found.length < all.length) return undefined
  return {
    why: found.map(({ why }) => why).join(', and '),
    timeoutMs: Math.min(...found.map(({ timeoutMs }) => timeoutMs)),
    isSilence: found.some(({ isSilence }) => isSilence),
  }
}

/**
 * Undefined where the service responds, or it is not certain that it does not.
 * @param silencesMs After which silence, in milliseconds, it counts as hanging: the shortest first. @param onSilence Called after each but
 * the last.
 */
async function absenceAt(
  url: string,
  silencesMs: readonly number[],
  codes: readonly string[],
  stopped: AbortSignal,
  onSilence: (absence: FoundAbsence) => void = () => undefined,
): Promise<FoundAbsence | undefined> {
  const longestMs = silencesMs.at(-1) ?? longestSilence
  const silent = (ms: number, timeoutMs: number): FoundAbsence => {
    return { why: `GET ${url} was not answered within ${ms / 1000} s`, timeoutMs, isSilence: true }
  }
  let hasFailed = false
  const timers = silencesMs.slice(0, -1).map(ms => setTimeout(() => hasFailed || onSilence(silent(ms, ms)), ms))
  const silence = AbortSignal.timeout(longestMs)
  const signal = AbortSignal.any([stopped, silence])
  try {
    for (let attempt = 1; ; attempt++) {
      const failure = await failureOf(url, signal)
      if (failure === undefined || stopped.aborted) return undefined
      if (silence.aborted) return silent(longestMs, Number.POSITIVE_INFINITY)
      hasFailed = true
      // Other errors come from a service that is there, such as one whose certificate has expired.
      if (!codes.includes(failure.code ?? '')) return undefined
      if (attempt === attempts) {
        const why = `GET ${url}: ${failure.message || failure.code}, ${attempts} times`
        return { why, timeoutMs: Number.POSITIVE_INFINITY, isSilence: false }
      }
      await pause(betweenMs, undefined, { signal }).catch(() => undefined)
    }
  } finally {
    for (const timer of timers) clearTimeout(timer)
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
