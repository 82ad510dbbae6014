/** Combines what a test left unfinished in a sandbox into one error for its author. */

export interface UnfinishedWork {
  /** Clients that timed out waiting for each other. */
  contentions: readonly string[]
  /** The call sites that took a client and never released it. */
  unreleased: readonly string[]
  /** The sessions that were active at the end. */
  active: readonly string[]
  /** Why the shared transaction has ended. */
  broken: Error | undefined
}

/** Undefined if there is nothing. `others`: further findings of the caller. */
export function unfinishedWork(
  { contentions, unreleased, active, broken }: UnfinishedWork,
  others: readonly string[] = [],
): Error | undefined {
  const problems = [
    ...contentions,
    ...others,
    ...unreleased.map(place => `A client was taken from the pool and never released: ${place}`),
    ...active.map(session => `A session was still active when the test ended, and was terminated: ${session}`),
    ...(broken ? [broken.message] : []),
  ]
  if (problems.length === 0) return undefined
  return new Error(problems.join('\n\n'), broken && { cause: broken.cause })
}
