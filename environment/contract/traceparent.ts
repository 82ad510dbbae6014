/** W3C trace context: joins what we send with the logs and traces of the service. */
import { randomBytes } from 'node:crypto'

/** Gives the value of the header `traceparent` for each request of one trace: version 00, sampled. */
export function startTrace(): () => string {
  const [trace, spans] = [randomBytes(16).toString('hex'), randomBytes(4).toString('hex')]
  let count = 0
  // Counted, since drawing each one at random would cost a request more than all else that is added to it.
  return () => `00-${trace}-${spans}${(++count).toString(16).padStart(8, '0')}-01`
}
