/** What became of a replay. */
import type { Outcome } from '../verdict/finding.ts'
import type { Slot } from './slot.ts'

export interface ReplayResult extends Slot {
  /** A UUID. */
  replay: string
  outcome: Outcome
  /** Of the replay; absent if it never ran. */
  durationMs?: number
  endedAt: Date
  /** Why it is `error` or `unknown`. */
  reason?: string
  /** Its specs, attempts and requests: plain JSON that is kept beside the result. */
  detail?: unknown
  /** It was told before, and only the detail is another. */
  isAgain?: true
}

/** What of it is written; a result that arrives again is `known`, one whose day was dropped meanwhile `gone`. */
export type Recorded = 'recorded' | 'known' | 'gone'
