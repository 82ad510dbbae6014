/** Recognizes requests that a page of another site has sent in the name of an operator. */
import type { Request } from 'express'
import { isLoopbackHost } from './own-host.ts'

/**
 * Browsers set both headers, and scripts cannot. A request without them is not accepted: its sender can present the
 * token instead.
 * @param publicUrl Where it is set, its origin is the page's, and else only that of this machine: behind a proxy that ends
 *   TLS, the request itself does not show the origin that the browser sees.
 */
export function isOfSameOrigin(request: Request, publicUrl: string | undefined): boolean {
  const { origin, host, 'sec-fetch-site': site } = request.headers
  const requested = publicUrl === undefined || isLoopbackHost(host) ? [`${request.protocol}://${host}`] : []
  const own = [...requested, ...(publicUrl === undefined ? [] : [new URL(publicUrl).origin])]
  return origin !== undefined && own.includes(origin) && (site === undefined || site === 'same-origin')
}
