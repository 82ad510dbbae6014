/** Tells when an environment fails so thoroughly that the rest is not worth trying. */
import type { Attempt } from './outcome.ts'

/** Each failure costs Playwright a new worker, more than a second of processor. */
const enough = 10

/**
 * Whether the first ten tests of a run have all failed.
 * @param attempts By the ids of their tests, in the order in which these ended first.
 */
export function isHopeless(attempts: ReadonlyMap<string, readonly Attempt[]>): boolean {
  const first = [...attempts.values()].filter(tried => tried.at(-1)?.isLast).slice(0, enough)
  return first.length === enough && first.every(tried => tried.at(-1)?.status === 'failed')
}
