/** What the store has to know of a check to judge its replays; kept beside its state, so that all instances judge alike. */
import type { Policy } from '../verdict/policy.ts'

export interface CheckRules {
  name: string
  environment: string
  /** It has a slot in each of them; as many as `policy.locations.count`. */
  locations: readonly string[]
  policy: Policy
  /** How long after a failure the next replay comes, until it is confirmed. */
  confirmEveryMs: number
  /** All that it depends on, directly or not: if one of them is down, both belong to one incident. */
  dependsOn: readonly string[]
  /** Who is told. */
  channels: readonly string[]
  /** When it is due, as any text: when that changes, slots are counted from then on. */
  schedule?: string
}

/** Whether a check is in maintenance at a time: then nobody is told, and its replays do not count. */
export type IsInMaintenance = (check: string, at: Date) => boolean

export const noMaintenance: IsInMaintenance = () => false
