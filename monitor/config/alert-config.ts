/** The settings of a configuration that choose who gets alerts, and when. */
import type { RoutedKind } from '../alerts/routed-kinds.ts'
import type { Duration } from '../duration.ts'

/** The first route that matches decides, unless it continues. */
export interface RouteConfig {
  /** Which messages it is for; default: all. */
  match?: MatchConfig
  /** Names of channels that get the message, in place of those of the check. Empty: it is not sent. */
  channels: string[]
  /** Whether the message also goes to the channels of later routes that match, and to those of the check; default false. */
  continue?: boolean
}

/** All that is given has to match; a list matches if one of its values does. */
export interface MatchConfig {
  /**
   * Kinds of messages; `heartbeat` is the `down` of a heartbeat. The others follow: recoveries go to the channels that have the
   * alert.
   */
  kinds?: RoutedKind[]
  /** Names of checks. */
  checks?: string[]
  /** With `@`; of the check. */
  tags?: string[]
  /** Names of environments. */
  environments?: string[]
  /** That of the check, or of what else it is about. */
  severity?: AlertSeverity | AlertSeverity[]
}

type AlertSeverity = 'critical' | 'warning' | 'info'

/** When messages wait that are not critical. */
export interface QuietHoursConfig {
  /** When they begin, by the wall clock, such as `22:00`. */
  from: string
  /** When they end, up to `24:00`; at or before `from`: on the next day. */
  to: string
  /** Default: that of `defaults`, or `UTC`. */
  timezone?: string
  /** The days on which they begin; default: every day. */
  days?: Weekday[]
  /** Names of channels; default: all. */
  channels?: string[]
  /** Which messages wait; default: all that are not critical. */
  match?: MatchConfig
}

export const weekdays = ['sunday', 'monday', 'tuesday', 'wednesday', 'thursday', 'friday', 'saturday'] as const
type Weekday = (typeof weekdays)[number]

/** Messages that repeat that an incident lasts, until it is acknowledged. */
export interface RemindersConfig {
  /**
   * How long after the first message of the incident, in increasing order; then whenever the time has doubled. Empty: none
   * are sent.
   */
  after?: Duration[]
}

/** Further channels for an incident that is not acknowledged. */
export interface EscalationConfig {
  /** How long after the first message of the incident. */
  after: Duration
  /** Names of channels. They get the state of the incident, once, and what follows. */
  channels: string[]
  /** Which checks have to be down; default: any. */
  match?: Omit<MatchConfig, 'kinds'>
}
