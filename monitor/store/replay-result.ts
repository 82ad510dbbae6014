/** ReplayResult: the outcome of a replay, with its slot and details. */
import type { Outcome } from '../verdict/finding.ts'
import type { Slot } from './slot.ts'

export interface ReplayResult extends Slot {
  /** A UUID. */
  replay: string
  outcome: Outcome
  /** Absent if no test ran. */
  durationMs?: number
  endedAt: Date
  /** Why it is `error` or `unknown`; or the failure. */
  reason?: string
  /** The versions of the service that it saw, separated by a comma and a space; absent if unknown. */
  version?: string
  /** The id of the trace of the attempt that failed, or else of the first one; absent if it has sent no request. */
  traceId?: string
  /** Its specs, attempts and requests: JSON, stored with the result. */
  detail?: unknown
  /** The result was recorded before; only `detail` has changed. */
  isAgain?: true
}

/**
 * `known`: the result was recorded before. `gone`: the replay does not exist any more, such as when its day was
 * dropped.
 */
export type Recorded = 'recorded' | 'known' | 'gone'
