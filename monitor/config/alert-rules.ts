/** ConfiguredAlertRules: who gets alerts, and when, with defaults filled in. */
import type { RoutedKind } from '../alerts/routed-kinds.ts'
import { parseDuration } from '../duration.ts'
import { type MatchConfig, weekdays } from './alert-config.ts'
import type { MonitorConfig } from './monitor-config.ts'

export interface ConfiguredAlertRules {
  routes: readonly { match: ConfiguredMatch; channels: readonly string[]; continue?: boolean }[]
  /** Times in minutes after midnight; days from 0, Sunday. */
  quietHours: readonly {
    from: number
    to: number
    timezone: string
    days?: readonly number[]
    channels?: readonly string[]
    match: ConfiguredMatch
  }[]
  remindersAfterMs: readonly number[]
  escalation: readonly { afterMs: number; match: ConfiguredMatch; channels: readonly string[] }[]
}

interface ConfiguredMatch {
  kinds?: readonly RoutedKind[]
  checks?: readonly string[]
  tags?: readonly string[]
  environments?: readonly string[]
  severity?: readonly ('critical' | 'warning' | 'info')[]
}

const defaultReminders = ['1h', '4h', '1d']

export function alertRulesOf(config: MonitorConfig): ConfiguredAlertRules {
  const { routes = [], quietHours = [], reminders = {}, escalation = [], defaults = {} } = config
  return {
    routes: routes.map(({ match, ...route }) => ({ match: matchOf(match), ...route })),
    quietHours: quietHours.map(({ from, to, days, match, timezone = defaults.timezone ?? 'UTC', ...hours }) => ({
      ...{ from: minutesOf(from), to: minutesOf(to), timezone, match: matchOf(match) },
      ...(days && { days: days.map(day => weekdays.indexOf(day)) }),
      ...hours,
    })),
    remindersAfterMs: (reminders.after ?? defaultReminders).map(after => parseDuration(after) ?? Number.NaN),
    escalation: escalation.map(({ after, match, channels }) => {
      return { afterMs: parseDuration(after) ?? Number.NaN, match: matchOf(match), channels }
    }),
  }
}

function matchOf({ severity, ...match }: MatchConfig = {}): ConfiguredMatch {
  return { ...match, ...(severity && { severity: [severity].flat() }) }
}

function minutesOf(time: string): number {
  const [hours = 0, minutes = 0] = time.split(':').map(Number)
  return hours * 60 + minutes
}
