/** What a `Location` says of what was created, and how far that can be relied on. */

import type { ResolvedEnvironment } from '../resolve-environment.ts'
import { prefixesOf, trimmedEnd } from './path-pattern.ts'

/** Where a Location leads. A proxy that ends TLS may not know of it: for the same host it is https, as the request was. */
export function resolveLocation(location: string, request: URL): URL | undefined {
  // Node hands UTF-8 out as Latin-1.
  const text = Buffer.from(location, 'latin1').toString('utf8')
  if (!URL.canParse(text, request)) return undefined
  const place = new URL(text, request)
  // Neither is a part of the address, and the first may be a password.
  place.username = place.password = place.hash = ''
  const isBehindProxy =
    request.protocol === 'https:' && place.protocol === 'http:' && place.hostname === request.hostname
  return isBehindProxy ? new URL(place.pathname + place.search, request.origin) : place
}

/**
 * Whether an address can only be of what this request has created: its own path and exactly one segment more, at the same
 * origin. Every other address may be of something that was there before.
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
    // A segment that a server may decode into several.
    !/\/|\\|%2f|%5c/i.test(segment)
  )
}

/**
 * The address that `{location}` stands for in a rule, or the fault for which it cannot be of what was created.
 * @param mayHaveQuery Whether a query of the request's own path can tell a thing, as in the answer to a creation.
 */
export function ruledLocation(
  location: string,
  request: URL,
  target: ResolvedEnvironment,
  mayHaveQuery: boolean,
): { href: string; id: string; fault?: string; isAbove?: true } {
  const place = resolveLocation(location, request)
  const id = lastSegmentOf(place?.pathname ?? location)
  if (!place || !target.owns(place)) return { href: '', id, fault: `is not of ${target.name}` }
  const [prefix = ''] = prefixesOf(request, target.baseURL)
  // A gateway that strips a prefix passes the service's own paths on.
  const isStripped = place.origin === request.origin && prefix !== '' && !`${place.pathname}/`.startsWith(`${prefix}/`)
  const path = `${isStripped ? prefix : ''}${place.pathname}`
  const isAbove =
    `${trimmedEnd(request.pathname)}/`.startsWith(`${trimmedEnd(path)}/`) && !(mayHaveQuery && place.search !== '')
  return {
    href: `${place.origin}${path}${place.search}`,
    id,
    ...(isAbove && { fault: 'leads to what was there before the request', isAbove }),
  }
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
