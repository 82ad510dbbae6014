/** Creates W3C trace contexts, by which requests are found in the logs and traces of the service. */
import { randomBytes } from 'node:crypto'

/** Returns a function that creates the header `traceparent` for each request of one trace: version 00, sampled. */
export function startTrace(): () => string {
  const [trace, spans] = [randomBytes(16).toString('hex'), randomBytes(4).toString('hex')]
  let count = 0
  // Span ids are counted, since random ones would take longer than everything else added to a request.
  return () => `00-${trace}-${spans}${(++count).toString(16).padStart(8, '0')}-01`
}

/** The id of the trace, in a header `traceparent` of this version. */
export function traceIdOf(traceparent: string): string {
  return traceparent.slice(3, 35)
}

/** The id of the request's span, which is the parent of the service's spans. */
export function spanIdOf(traceparent: string): string {
  return traceparent.slice(36, 52)
}
