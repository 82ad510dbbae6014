/** Streak: how many findings in a row are alike. */
import type { Finding } from './finding.ts'

/** Counts of consecutive findings up to the last one. Findings `nothing` neither count nor end a streak. */
export interface Streak {
  readonly failed: number
  /** Failed or slow. */
  readonly notGood: number
  /** Slow, flaky or good. */
  readonly notFailed: number
  /** Good or flaky. */
  readonly good: number
  /** Failed or flaky. Absent in what earlier versions have stored. */
  readonly troubled?: number
  /** Findings `nothing`. */
  readonly blind: number
}

export const noStreak: Streak = { failed: 0, notGood: 0, notFailed: 0, good: 0, troubled: 0, blind: 0 }

export function extend(streak: Streak, finding: Finding): Streak {
  if (finding === 'nothing') return { ...streak, blind: streak.blind + 1 }
  const count = (length: number, goesOn: boolean) => (goesOn ? length + 1 : 0)
  const isGood = finding === 'good' || finding === 'flaky'
  return {
    failed: count(streak.failed, finding === 'failed'),
    notGood: count(streak.notGood, !isGood),
    notFailed: count(streak.notFailed, finding !== 'failed'),
    good: count(streak.good, isGood),
    troubled: count(streak.troubled ?? 0, finding === 'failed' || finding === 'flaky'),
    blind: 0,
  }
}
