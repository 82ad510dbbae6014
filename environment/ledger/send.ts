/** Defines the requests of the clean-up: GETs and removals. */

import { isDeepStrictEqual } from 'node:util'

/** A request's own headers for authorization, beside the environment's; kept in memory only. */
export interface Rights {
  /** The only origin to which they are sent. */
  origin: string
  headers: Readonly<Record<string, string>>
}

export function areSame(one: Rights | undefined, other: Rights | undefined): boolean {
  return isDeepStrictEqual(comparable(one), comparable(other))
}

/** The order of cookies means nothing. */
function comparable(rights: Rights | undefined): Rights | undefined {
  const cookie = rights?.headers.cookie
  return rights && cookie !== undefined
    ? { ...rights, headers: { ...rights.headers, cookie: cookie.split(/;\s*/).sort().join('; ') } }
    : rights
}

/**
 * The authorization of a client after a response with cookies: such as a guest's session, with which alone it finds what it has
 * created. Undefined if that changes nothing. @param rights Of the request.
 */
export function sessionOf(
  origin: string,
  setCookie: string | undefined,
  rights: Rights | undefined,
): Rights | undefined {
  const before = new Map((rights?.headers.cookie ?? '').split(/;\s*/).filter(Boolean).map(namedCookie))
  const after = new Map(before)
  // Playwright joins several headers by line feeds, Node's clients by commas.
  for (const text of (setCookie ?? '').split(/\n|,(?=\s*[^\s,;=]+=)/)) {
    const [name, value] = namedCookie(text.trim().replace(/;.*/s, ''))
    if (name === '' || value === '' || /;\s*max-age=(?:0|-\d+)\b/i.test(text)) after.delete(name)
    else after.set(name, value)
  }
  if (after.size === 0 || isDeepStrictEqual(after, before)) return undefined
  const cookie = [...after].map(pair => pair.join('=')).join('; ')
  return { origin, headers: { ...rights?.headers, cookie } }
}

function namedCookie(text: string): [string, string] {
  const at = text.indexOf('=')
  return [text.slice(0, Math.max(at, 0)), text.slice(at + 1)]
}

export interface CleanupRequest {
  method: string
  /** With the values of its secrets. */
  url: string
  /** The replay that it cleans up after. */
  replay: string
  headers?: Readonly<Record<string, string>>
  body?: unknown
  form?: Readonly<Record<string, string>>
  /** They override the environment's headers of the same name. */
  rights?: Rights
}

export interface CleanupResponse {
  status: number
  headers: Readonly<Record<string, string>>
  body: string
}

/** Sends a request to the environment, with its headers, without following redirects. Throws if there is no response. */
export type Send = (request: CleanupRequest) => Promise<CleanupResponse>

/** Sends until the signal is aborted; then what is under way is rejected as well. */
export function sendUntil(stopped: AbortSignal, send: Send): Send {
  return async request => {
    stopped.throwIfAborted()
    let giveUp = () => undefined as unknown
    const aborted = new Promise<never>((_, reject) => {
      giveUp = () => reject(stopped.reason)
      stopped.addEventListener('abort', giveUp)
    })
    try {
      return await Promise.race([send(request), aborted])
    } finally {
      stopped.removeEventListener('abort', giveUp)
    }
  }
}
