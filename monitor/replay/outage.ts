/** Asks whether anybody is there at an environment's base URL, while tests of a run get no answer from it. */
import http from 'node:http'
import https from 'node:https'
import { setTimeout as pause } from 'node:timers/promises'
import type { Attempt } from './outcome.ts'

export interface Outage {
  /**
   * Resolves with why, when it is certain that nobody is there: a test has failed without an answer, none has got one, and the
   * base URL does not answer either, in the same way.
   */
  readonly nobody: Promise<string>
  /** Playwright starts and loads the specs, which may ask the service as well: if that takes long, the base URL is asked. */
  loading(): void
  /** The specs are loaded. */
  loaded(): void
  /** They cannot be loaded. Answers why nobody is there, if that may be the cause. */
  loadFailed(): Promise<string | undefined>
  /** A test has begun: unless it ends soon, the base URL is asked. */
  testBegan(): void
  /**
   * A test that has got no answer has the base URL asked at once; one that has got one ends that for good. A failure of a
   * test that took a detour is no evidence.
   */
  testEnded(attempt: Attempt, tookDetour: boolean): void
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
const longestLoad = 10_000
/** So many connections have to fail, so many milliseconds after each other: a service may be about to start again. */
const [attempts, betweenMs] = [3, 1500]
/** A host may have addresses that lead nowhere: for so long, in milliseconds, the next one waits. */
const addressMs = 5000

export function watchForOutage({ baseURL, timeoutMs, wantsCertificate }: OutageOptions): Outage {
  const silenceMs = Math.min(longestSilence, timeoutMs)
  const codes = wantsCertificate ? unreachable : [...unreachable, ...dropped]
  let resolve: (absence: string) => void = () => undefined
  const nobody = new Promise<string>(settle => {
    resolve = settle
  })
  let waiting: NodeJS.Timeout | undefined
  let asking: AbortController | undefined
  let absence: Absence | undefined
  let isSomebody = false
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
    if (asking || isSomebody) return
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
    nobody,
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
      if (!isSomebody) waiting = setTimeout(ask, Math.min(longestWait, silenceMs / 4))
    },
    testEnded: (attempt, tookDetour) => {
      if (hasAnswer(attempt)) {
        isSomebody = true
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

function hasAnswer({ log }: Attempt): boolean {
  return log?.requests.some(request => request.status !== undefined) ?? false
}

/** Whether a request has found nobody at once, rather than waited in vain. Without a log nobody can tell. */
function isUnreached({ log, error }: Attempt): boolean {
  const messages = log ? log.requests.map(request => request.error ?? '') : []
  return [...messages, error?.message ?? ''].some(message => unreachedPattern.test(message))
}

/** What Node and browsers call it. */
const unreachedPattern =
  /\b(?:ECONN(?:REFUSED|RESET)|ENOTFOUND|EAI_[A-Z]+|EHOST[A-Z]+|ENET[A-Z]+|ETIMEDOUT|EPIPE|socket hang up|ERR_(?:CONNECTION|NAME|ADDRESS|EMPTY|SOCKET)_[A-Z_]+)\b/

interface Absence {
  why: string
  /** Somebody took the connection, or may have, and said nothing. */
  isSilence: boolean
}

/** Undefined where somebody is, or nobody can tell. */
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
    // Others come from somebody, such as one whose certificate has expired.
    if (!codes.includes(failure.code ?? '')) return undefined
    if (attempt === attempts)
      return { why: `GET ${url}: ${failure.message || failure.code}, ${attempts} times`, isSilence: false }
    await pause(betweenMs, undefined, { signal }).catch(() => undefined)
  }
}

/** Any answer will do, whatever it says, also of somebody whose certificate is not to be trusted: nothing is told to them. */
function failureOf(url: string, signal: AbortSignal): Promise<NodeJS.ErrnoException | undefined> {
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
