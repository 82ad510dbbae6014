/** Exports of `reprise/monitor`, for a `monitor.config.ts`. */
export type { CleanupRule, Environment } from '../environment/environment.ts'
export { secret } from '../environment/secrets/secret.ts'
export { apprise } from './alerts/channels/apprise.ts'
export { custom } from './alerts/channels/custom.ts'
export { discord } from './alerts/channels/discord.ts'
export { email } from './alerts/channels/email.ts'
export { exec } from './alerts/channels/exec.ts'
export { ntfy } from './alerts/channels/ntfy.ts'
export { opsgenie } from './alerts/channels/opsgenie.ts'
export { pagerduty } from './alerts/channels/pagerduty.ts'
export { slack } from './alerts/channels/slack.ts'
export { teams } from './alerts/channels/teams.ts'
export { telegram } from './alerts/channels/telegram.ts'
export { webhook } from './alerts/channels/webhook.ts'
export type { Channel } from './alerts/channels.ts'
export type { Notice } from './alerts/notice.ts'
export type {
  EscalationConfig,
  MatchConfig,
  QuietHoursConfig,
  RemindersConfig,
  RouteConfig,
} from './config/alert-config.ts'
export { type EvidencePlace, type S3Evidence, s3 } from './config/evidence-stores.ts'
export {
  type CheckConfig,
  type CheckDefaults,
  type ConfirmConfig,
  defineMonitor,
  type EvidenceConfig,
  type HeartbeatConfig,
  type MaintenanceWindow,
  type MonitorConfig,
  type RetentionConfig,
  type SloConfig,
  type StatusPageConfig,
  type WatchdogConfig,
} from './config/monitor-config.ts'
export type { Duration } from './duration.ts'
