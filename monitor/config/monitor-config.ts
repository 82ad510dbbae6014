/** MonitorConfig: the type of a `monitor.config.ts`. */
import type { Environment } from '../../environment/environment.ts'
import type { Channel } from '../alerts/channels.ts'
import type { Duration } from '../duration.ts'
import type { EscalationConfig, QuietHoursConfig, RemindersConfig, RouteConfig } from './alert-config.ts'
import type { EvidencePlace } from './evidence-stores.ts'

export interface MonitorConfig {
  /** Where specs can be replayed, by name. */
  environments: Record<string, Environment>
  /** Defaults for all checks. */
  defaults?: CheckDefaults
  /** What is replayed, by name. Names consist of letters, digits, `.`, `_` and `-`. */
  checks: Record<string, CheckConfig>
  /** Jobs that report to the monitor themselves, such as a nightly backup, by name. No check may have the same name. */
  heartbeats?: Record<string, HeartbeatConfig>
  /** A URL that is requested as long as this monitor works, so that another one can watch it. */
  watchdog?: WatchdogConfig
  /** Where alerts are sent, by name. */
  channels?: Record<string, Channel>
  /** Which channels get which messages, in order; default: those of the check get all. */
  routes?: RouteConfig[]
  /** When messages wait that are not urgent. */
  quietHours?: QuietHoursConfig[]
  /** When a message repeats that an incident lasts. */
  reminders?: RemindersConfig
  /** Which channels get an incident that nobody has acknowledged. */
  escalation?: EscalationConfig[]
  /** When messages are sent about certificates that expire soon. */
  certificates?: CertificatesConfig
  /** When no alerts are sent. */
  maintenance?: MaintenanceWindow[]
  retention?: RetentionConfig
  evidence?: EvidenceConfig
  statusPage?: StatusPageConfig
  /** A summary by mail, chat or whatever its channels are; default: none. */
  digest?: DigestConfig
}

export interface CheckDefaults {
  /** Name of an environment; default: the only one. */
  environment?: string
  /** Time zone of `cron`, such as `Europe/Berlin`; default `UTC`. */
  timezone?: string
  /** Timeout of one test; default 30s. */
  timeout?: Duration
  /** How often a failed test is retried in its run; default 1. */
  retries?: number
  confirm?: ConfirmConfig
  /** Names of channels. */
  channels?: string[]
  /** How urgent its failures are, for routes and for receivers with priorities; default `critical`. */
  severity?: 'critical' | 'warning'
  /** The URL of instructions, to which its alerts link. */
  runbook?: string
  /** A test with a request that took longer is slow. */
  slowAbove?: Duration
  /**
   * What a test must have done to pass. expect (default): sent a request to the environment and evaluated an `expect`.
   * requests: sent a request; it asserts by other means.
   */
  evidence?: 'expect' | 'requests'
  /** Names of the locations (REPRISE_LOCATION of an instance) from which it is replayed; default `local`. */
  locations?: string[]
  /** In how many of its locations it must fail before that counts; default: most of them. */
  agree?: number
  /**
   * Whether the last of the slots that were missed while no monitor ran is replayed at once; default false: they are
   * only recorded.
   */
  makeUpMissed?: boolean
  /** The uptime that is promised; the status page then shows the error budget and how fast it burns. */
  slo?: SloConfig
}

export interface CheckConfig extends CheckDefaults {
  /** Files or globs, relative to the configuration; default: all specs of Playwright's configuration. */
  specs?: string | string[]
  /** With `@`; a test must have all of them. */
  tag?: string | string[]
  /**
   * A part of the test's titles, or a regular expression. It is matched against a text with the file and tags around
   * the titles, so leave out `^` and `$`.
   */
  title?: string | RegExp
  /** Names of Playwright projects; default: all to which the specs belong. */
  project?: string | string[]
  /** When it is due; absent: it is replayed only on request. */
  cron?: string
  /** Names of checks or heartbeats without which it cannot work. While one of them is down, it joins that incident. */
  dependsOn?: string[]
}

/**
 * How many failures in a row make a check down (default 2), how many passes up again (1), and how soon the next replay
 * follows (20s).
 */
export interface ConfirmConfig {
  /** Or how many failures among how many replays, such as `{ failures: 3, of: 5 }`. */
  down?: number | { failures: number; of: number }
  up?: number
  every?: Duration
}

/** How much of the replays must work, in percent, over how many whole days, such as `{ target: 99.9, window: '30d' }`. */
export interface SloConfig {
  target: number
  window: Duration
}

export interface HeartbeatConfig {
  /** When the job is due to report. Either this or `every`. */
  cron?: string
  /** Time zone of `cron`; default: that of `defaults`, or `UTC`. */
  timezone?: string
  /** Within which time after its last report the job reports again, from 10s on. Either this or `cron`. */
  every?: Duration
  /** How late a report may be. */
  grace: Duration
  /** How long a run may take whose start was reported; default: until the next due time and its grace have passed. */
  maxRun?: Duration
  /** The bearer token of its reports, `secret('NAME')`, at least 16 characters; absent: it is not watched. */
  token?: string
  /** What it is shown with, and what its incidents belong to; default: the environment of `defaults`, or the only one. */
  environment?: string
  /** Names of channels; default: those of `defaults`. */
  channels?: string[]
  /** How urgent its failures are; default: that of `defaults`, or `critical`. */
  severity?: 'critical' | 'warning'
  /** The URL of instructions, to which its alerts link. */
  runbook?: string
  /** Names of checks or heartbeats without which it cannot work. While one of them is down, it joins that incident. */
  dependsOn?: string[]
  /** With `@`; for routes, and for filters of the status page. */
  tag?: string | string[]
  /** The share of reports in time that is promised; default: none, also with one in `defaults`. */
  slo?: SloConfig
}

export interface WatchdogConfig {
  /** The URL, requested by POST; usually a `secret()`. */
  url: string
  /** How often, from 10s on; default 1m. */
  every?: Duration
  /** The bearer token, where the receiver wants one; usually a `secret()`. */
  token?: string
}

export interface MaintenanceWindow {
  /** When it begins. */
  cron: string
  length: Duration
  timezone?: string
  /** Names of checks and heartbeats; default: all. */
  checks?: string[]
}

interface CertificatesConfig {
  /** In how many days at most a certificate expires when a message is sent; default 30, 14, 7, 3 and 1. Empty: only when it has expired. */
  warnDays?: number[]
  /** From how many days on that is critical; default 7. */
  criticalDays?: number
}

export interface EvidenceConfig {
  /** folder (default): in `.reprise/runs` of each instance. postgres: in the monitor's database, for all instances. Or `s3({ ... })`. */
  store?: EvidencePlace
}

export interface RetentionConfig {
  /** How long each replay and slot is kept, in whole days; default 30d. Uptime and incidents are kept forever. */
  results?: Duration
  /** How long the evidence of runs is kept; default 14d. */
  evidence?: Duration
  /** How many bytes it may take, in each instance's `.reprise/runs` and in the store; default 5e9. */
  evidenceBytes?: number
}

export interface DigestConfig {
  /** When it is due; it covers the time since it was due before, at most 31 days. */
  cron: string
  /** Names of channels. */
  channels: string[]
  /** Time zone of `cron`; default: that of `defaults`, or `UTC`. */
  timezone?: string
}

export interface StatusPageConfig {
  /**
   * What visitors see who are no operators: everything but evidence, nothing, or only these checks. Default: everything
   * while the page is for this machine only, nothing if it can be reached from others.
   */
  public?: 'all' | 'none' | string[]
  /** Which names visitors see beside those of listed checks; without effect for `'all'`. */
  shows?: ('environments' | 'locations' | 'channels')[]
}

/** Returns the configuration, typed. It is validated when it is used; then all faults are reported at once. */
export function defineMonitor(config: MonitorConfig): MonitorConfig {
  return config
}
