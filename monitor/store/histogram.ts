/** How long things took, in buckets whose bounds grow by a factor: small, exact to merge, with a known error. */

/** Buckets and how many values each holds. Two are merged by adding what they hold, which loses nothing. */
export type Histogram = ReadonlyMap<number, number>

/** A quantile differs from the true one by at most this share of it, for values of a millisecond and more. */
export const relativeError = 0.05

const growth = (1 + relativeError) / (1 - relativeError)

/** The bucket of a duration in milliseconds: 1 and up; less than a millisecond counts as one, more than a day as a day. */
export function bucketOf(durationMs: number): number {
  const bounded = Math.min(Math.max(durationMs, 1), 86_400_000)
  return 1 + Math.ceil(Math.log(bounded) / Math.log(growth))
}

export function merge(histograms: Iterable<Histogram>): Histogram {
  const merged = new Map<number, number>()
  for (const histogram of histograms) {
    for (const [bucket, count] of histogram) merged.set(bucket, (merged.get(bucket) ?? 0) + count)
  }
  return merged
}

/** The value below which a share of all lies, such as 0.95, in milliseconds; undefined where there is none. */
export function quantile(histogram: Histogram, share: number): number | undefined {
  const buckets = [...histogram].filter(([, count]) => count > 0).sort(([a], [b]) => a - b)
  const total = buckets.reduce((sum, [, count]) => sum + count, 0)
  const rank = Math.max(1, Math.ceil(share * total))
  let seen = 0
  for (const [bucket, count] of buckets) {
    seen += count
    if (seen >= rank) return middleOf(bucket)
  }
  return undefined
}

/** As far, relatively, from the one bound as from the other. */
const middleOf = (bucket: number) => (2 * growth ** (bucket - 1)) / (growth + 1)
