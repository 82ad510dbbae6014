/**
 * Histogram of durations, with bucket bounds that grow by a factor: small, mergeable without loss, with a bounded
 * error.
 */

/** Buckets and the number of values in each. Two histograms are merged by adding the numbers. */
export type Histogram = ReadonlyMap<number, number>

/** Greatest relative error of a quantile, for values of a millisecond and more. */
export const relativeError = 0.05

const growth = (1 + relativeError) / (1 - relativeError)

/** Returns the bucket of a duration in milliseconds, from 1. Clamped to between a millisecond and a day. */
export function bucketOf(durationMs: number): number {
  const bounded = Math.min(Math.max(durationMs, 1), 86_400_000)
  return 1 + Math.ceil(Math.log(bounded) / Math.log(growth))
}

/** Durations as a row of rollups has them, read as JSON. */
export interface StoredDurations {
  /** The bucket of the first element; null: there is none. */
  lowest: number | null
  /** By bucket; null: none. */
  durations: (number | null)[]
}

/** The columns of `StoredDurations`, in SQL. */
export const storedDurations = 'array_lower(durations, 1) as lowest, to_jsonb(durations) as durations'

export function addStored(histogram: Map<number, number>, { lowest, durations }: StoredDurations): void {
  for (const [index, count] of durations.entries()) {
    const bucket = (lowest ?? 1) + index
    if (count) histogram.set(bucket, (histogram.get(bucket) ?? 0) + count)
  }
}

export function merge(histograms: Iterable<Histogram>): Histogram {
  const merged = new Map<number, number>()
  for (const histogram of histograms) {
    for (const [bucket, count] of histogram) merged.set(bucket, (merged.get(bucket) ?? 0) + count)
  }
  return merged
}

/** Returns the quantile of a share, such as 0.95, in milliseconds; undefined for an empty histogram. */
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

/** The value with the same relative distance to both bounds. */
const middleOf = (bucket: number) => (2 * growth ** (bucket - 1)) / (growth + 1)
