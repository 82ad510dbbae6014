/** Streak: how many findings in a row are alike. */
import type { Finding } from './finding.ts'

/** Counts of consecutive findings up to the last one. Findings `nothing` neither count nor end a streak. */
export interface Streak {
  readonly failed: number
  /** Failed or slow. */
  readonly notGood: number
  /** Slow or good. */
  readonly notFailed: number
  readonly good: number
  /** Findings `nothing`. */
  readonly blind: number
}

export const noStreak: Streak = { failed: 0, notGood: 0, notFailed: 0, good: 0, blind: 0 }

export function extend(streak: Streak, finding: Finding): Streak {
  if (finding === 'nothing') return { ...streak, blind: streak.blind + 1 }
  const count = (length: number, goesOn: boolean) => (goesOn ? length + 1 : 0)
  return {
    failed: count(streak.failed, finding === 'failed'),
    notGood: count(streak.notGood, finding !== 'good'),
    notFailed: count(streak.notFailed, finding !== 'failed'),
    good: count(streak.good, finding === 'good'),
    blind: 0,
  }
}
