/** CheckRules: what the store needs to judge a check. Stored beside its state, so that all instances judge alike. */
import type { Policy } from '../verdict/policy.ts'
import type { HeartbeatRules } from './heartbeat-expectation.ts'

export interface CheckRules {
  name: string
  environment: string
  /** The check has a slot at each of them; as many as `policy.locations.count`. */
  locations: readonly string[]
  policy: Policy
  /** How soon the next replay follows a failure until it is confirmed. */
  confirmEveryMs: number
  /** Names of all checks that it depends on, also indirectly. If one of them is down, both share an incident. */
  dependsOn: readonly string[]
  /** Names of channels that receive its alerts. */
  channels: readonly string[]
  /** How urgent its failures are; default `critical`. */
  severity?: 'critical' | 'warning'
  /** With `@`. */
  tags?: readonly string[]
  /** The URL of instructions. */
  runbook?: string
  /** Any text that identifies the schedule. When it changes, slots are planned from then on. */
  schedule?: string
  /** What finds out its state, if not replays: reports of a job. */
  source?: 'heartbeat'
  /** Of a heartbeat, which has no locations. */
  heartbeat?: HeartbeatRules
}

/**
 * Returns whether a check is in maintenance at a time: then its failures cause no alerts, and its replays do not count in
 * the uptime.
 */
export interface IsInMaintenance {
  (check: string, at: Date): boolean
  /** The instance that records the result is muted, or an operator has muted the check: failures cause no alerts, as in maintenance; its replays count. */
  readonly isMuted?: boolean
  /** Channels that operators have muted: they are alerted of failures afterwards. */
  readonly mutedChannels?: ReadonlySet<string>
}

export const noMaintenance: IsInMaintenance = () => false
