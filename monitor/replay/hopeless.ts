/** Tells when an environment fails so thoroughly that the rest is not worth trying. */
import type { Attempt } from './outcome.ts'

/** Each failure costs Playwright a new worker, more than a second of processor. */
const enough = 10

/**
 * Whether the first ten tests of a run have all failed.
 * @param attempts By the ids of their tests, in the order in which these ended first.
 */
export function isHopeless(attempts: ReadonlyMap<string, readonly Attempt[]>): boolean {
  let ended = 0
  for (const tried of attempts.values()) {
    const last = tried.at(-1)
    if (!last?.isLast) continue
    if (last.status !== 'failed') return false
    if (++ended === enough) return true
  }
  return false
}
