/** Chooses which reports are removed: by age, then by their rank as far as there is too little room. Pure. */
import { type RankedReport, ranks, ranksOf } from './report-rank.ts'

export interface EvidenceLimits {
  evidenceMs: number
  evidenceBytes: number
}

/** For this time all reports of passed runs are kept, within the size limit. */
const thinnedAfterMs = 86_400_000

/** Returns those to remove. */
export function superfluous<R extends RankedReport & { bytes: number }>(
  reports: readonly R[],
  { evidenceMs, evidenceBytes }: EvidenceLimits,
  now: number,
): R[] {
  const sorted = [...reports].sort((a, b) => a.writtenAt - b.writtenAt)
  const found = ranksOf(sorted)
  const ranked = sorted.map((report, index) => ({ report, rank: found[index] ?? 'failure' }))
  const isOver = ({ report, rank }: (typeof ranked)[number]) => {
    const age = now - report.writtenAt
    return age > evidenceMs || (rank === 'rest' && age > thinnedAfterMs)
  }
  const left = ranked.filter(one => !isOver(one))
  let total = left.reduce((sum, { report }) => sum + report.bytes, 0)
  const crowded = ranks
    .flatMap(rank => left.filter(one => one.rank === rank))
    .filter(({ report: { bytes } }) => {
      const isTooMuch = total > evidenceBytes
      if (isTooMuch) total -= bytes
      return isTooMuch
    })
  return [...ranked.filter(isOver), ...crowded].map(({ report }) => report)
}
