/** Creates W3C trace contexts, by which requests are found in the logs and traces of the service. */
import { createHash, randomBytes } from 'node:crypto'

/**
 * Returns a function that creates the header `traceparent` for each request of one trace: version 00, sampled.
 * @param trace Its id; by default that of a new one.
 */
export function startTrace(trace = randomBytes(16).toString('hex')): () => string {
  const spans = randomBytes(4).toString('hex')
  let count = 0
  // Span ids are counted, since random ones would take longer than everything else added to a request.
  return () => `00-${trace}-${spans}${(++count).toString(16).padStart(8, '0')}-01`
}

const uuid = /^[\da-f]{8}(?:-[\da-f]{4}){3}-[\da-f]{12}$/i

/**
 * The id of the trace of a replay, from the value of `X-Reprise-Replay`: a UUID without hyphens, or the beginning of the SHA-256.
 * A test that belongs to several replays has a trace beside theirs.
 */
export function traceOfReplay(replay: string): string {
  if (uuid.test(replay)) return replay.replaceAll('-', '').toLowerCase()
  return createHash('sha256').update(replay).digest('hex').slice(0, 32)
}

/** The id of the trace, in a header `traceparent` of this version. */
export function traceIdOf(traceparent: string): string {
  return traceparent.slice(3, 35)
}

/** The id of the request's span, which is the parent of the service's spans. */
export function spanIdOf(traceparent: string): string {
  return traceparent.slice(36, 52)
}
