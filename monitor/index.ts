/** Exports of `reprise/monitor`, for a `monitor.config.ts`. */
export type { CleanupRule, Environment } from '../environment/environment.ts'
export { secret } from '../environment/secrets/secret.ts'
export { slack } from './alerts/channels/slack.ts'
export { webhook } from './alerts/channels/webhook.ts'
export type { Channel } from './alerts/channels.ts'
export { type EvidencePlace, type S3Evidence, s3 } from './config/evidence-stores.ts'
export {
  type CheckConfig,
  type CheckDefaults,
  type ConfirmConfig,
  type Duration,
  defineMonitor,
  type EvidenceConfig,
  type HeartbeatConfig,
  type MaintenanceWindow,
  type MonitorConfig,
  type RetentionConfig,
  type StatusPageConfig,
} from './config/monitor-config.ts'
