/** Interprets `Location` headers: what they identify, and whether that can be what was created. */

import type { ResolvedEnvironment } from '../resolve-environment.ts'
import { prefixesOf, trimmedEnd } from './path-pattern.ts'

/** Resolves a Location. Behind a proxy that terminates TLS, http for the same host means https, as in the request. */
export function resolveLocation(location: string, request: URL): URL | undefined {
  // Node decodes header values as Latin-1.
  const text = Buffer.from(location, 'latin1').toString('utf8')
  if (!URL.canParse(text, request)) return undefined
  const place = new URL(text, request)
  // User name, password and fragment are not part of the address, and the password must not be stored.
  place.username = place.password = place.hash = ''
  const isBehindProxy =
    request.protocol === 'https:' && place.protocol === 'http:' && place.hostname === request.hostname
  return isBehindProxy ? new URL(place.pathname + place.search, request.origin) : place
}

/**
 * Whether a Location contains what a URL drops: a fragment, an empty query, dots between segments; or what it reads as another
 * text: an escape that is not one. If that was part of an identifier which the service did not encode, the address is that of
 * something else.
 * @param body Of the response: it may have the identifier.
 */
export function losesText(location: string, body?: unknown): boolean {
  return dropped.test(location) || textsIn(body).some(text => isUnencoded(text) && location.endsWith(`/${text}`))
}

/** With escapes of letters and digits, which no encoding makes. */
const dropped = /[#\\\t]|(?<=[^./]\/+)(?:\.|%2e){1,2}(?:[/?]|$)|\?$|%(?:3\d|4[1-9a-f]|5[0-9a]|6[1-9a-f]|7[0-9a])/i

const isUnencoded = (text: string) => /^[^/]+\/?$/.test(text) && /%[0-9a-f]{2}|\/$/i.test(text)

/** At most three levels deep. */
function textsIn(value: unknown, depth = 0): string[] {
  if (typeof value === 'string') return [value]
  if (typeof value !== 'object' || value === null || depth === 3) return []
  return Object.values(value).flatMap(member => textsIn(member, depth + 1))
}

/**
 * Whether an address can only be that of what this request created: the request's path plus exactly one segment, at the same
 * origin. Any other address may be that of something that existed before.
 */
export function isOneBelow(place: URL, request: URL): boolean {
  const own = trimmedEnd(request.pathname)
  const path = trimmedEnd(place.pathname)
  const segment = path.slice(own.length + 1)
  return (
    place.origin === request.origin &&
    place.search === '' &&
    path.startsWith(`${own}/`) &&
    segment !== '' &&
    // A segment that servers may decode into several.
    !/\/|\\|%2f|%5c/i.test(segment)
  )
}

/** Why a Location that loses text is not used. */
export const unencoded =
  'contains a fragment, an empty query, dots between its segments, or an identifier that is not encoded: it may be the address of something else'

/**
 * The address for `{location}` in a rule, or the fault for which it cannot be that of what was created.
 * @param body Of the response. @param mayHaveQuery Whether a query on the request's own path may identify a thing, as in the response
 * to a creation.
 */
export function ruledLocation(
  location: string,
  request: URL,
  target: ResolvedEnvironment,
  { body, mayHaveQuery }: { body: unknown; mayHaveQuery: boolean },
): { href: string; id: string; fault?: string; isIdUnclear?: true } {
  const place = resolveLocation(location, request)
  const id = lastSegmentOf(place?.pathname ?? location)
  if (!place || !target.owns(place)) return { href: '', id, fault: `is not an address of ${target.name}` }
  const [prefix = ''] = prefixesOf(request, target.baseURL)
  // A gateway that strips a prefix forwards the service's own paths.
  const isStripped = place.origin === request.origin && prefix !== '' && !`${place.pathname}/`.startsWith(`${prefix}/`)
  const path = `${isStripped ? prefix : ''}${place.pathname}`
  const isAbove =
    `${trimmedEnd(request.pathname)}/`.startsWith(`${trimmedEnd(path)}/`) && !(mayHaveQuery && place.search !== '')
  // An identifier with a question mark that the service did not encode; a service may ignore the query in the removal.
  const hasMark = place.search !== '' && trimmedEnd(path) !== trimmedEnd(request.pathname)
  const href = `${place.origin}${path}${place.search}`
  const fault = losesText(location, body)
    ? unencoded
    : hasMark
      ? 'contains a question mark that may belong to an identifier: it may be the address of something else'
      : isAbove && 'is the address of something that existed before the request'
  return { href, id, ...(fault && { fault, isIdUnclear: true }) }
}

function lastSegmentOf(path: string): string {
  const segment =
    trimmedEnd(path.replace(/[?#].*$/, ''))
      .split('/')
      .pop() ?? ''
  try {
    return decodeURIComponent(segment)
  } catch {
    return segment
  }
}
