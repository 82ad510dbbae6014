/** The shape of a `monitor.config.ts`, as its author writes it. */
import type { Environment } from '../../environment/environment.ts'
import type { Channel } from './channels.ts'

export interface MonitorConfig {
  /** Where specs can be replayed, by name. */
  environments: Record<string, Environment>
  /** What holds for every check that does not say otherwise. */
  defaults?: CheckDefaults
  /** What is replayed, by name. Letters, digits, `.`, `_` and `-`. */
  checks: Record<string, CheckConfig>
  /** What must report by itself in time, such as a nightly backup, by name. */
  heartbeats?: Record<string, HeartbeatConfig>
  /** Who is told, by name. */
  channels?: Record<string, Channel>
  /** When nobody is told. */
  maintenance?: MaintenanceWindow[]
  retention?: RetentionConfig
}

export interface CheckDefaults {
  /** Name of an environment; default: the only one there is. */
  environment?: string
  /** Of `cron`, such as `Europe/Berlin`; default `UTC`. */
  timezone?: string
  /** How long one test may take; default 30s. */
  timeout?: Duration
  /** How often a failed test is tried again in its run; default 1. */
  retries?: number
  confirm?: ConfirmConfig
  /** Names of channels. */
  channels?: string[]
  /** A test with a request that took longer is slow. */
  slowAbove?: Duration
  /**
   * What a test must have done to pass. expect (default): sent a request to the environment and evaluated an `expect`.
   * requests: sent one; it asserts by other means.
   */
  evidence?: 'expect' | 'requests'
  /** Names of places from which it is replayed, as REPRISE_LOCATION says; default `local`. */
  locations?: string[]
  /** How many of its locations must find it failing before that counts; default: most of them. */
  agree?: number
  /** Of the slots that were missed while nobody monitored, the last is replayed at once; default false: they are only recorded. */
  makeUpMissed?: boolean
}

export interface CheckConfig extends CheckDefaults {
  /** Files or globs, relative to the configuration; default: all that Playwright's config knows. */
  specs?: string | string[]
  /** With `@`; a test must have all of them. */
  tag?: string | string[]
  /** A part of the titles, or a regular expression; files and tags stand around the titles, so leave out `^` and `$`. */
  title?: string | RegExp
  /** Names of projects in Playwright's config; default: every one that the specs belong to. */
  project?: string | string[]
  /** When it is due; without it, only by hand. */
  cron?: string
  /** Names of checks; while one of them is down, nobody is told of this one. */
  dependsOn?: string[]
}

/** How many replays in a row make a check down (default 2) or up again (1), and how soon the next one comes (20s). */
export interface ConfirmConfig {
  /** Or how many failures of how many replays, such as `{ failures: 3, of: 5 }`. */
  down?: number | { failures: number; of: number }
  up?: number
  every?: Duration
}

export interface HeartbeatConfig {
  cron: string
  /** How late it may be. */
  grace: Duration
  timezone?: string
  channels?: string[]
}

export interface MaintenanceWindow {
  /** When it begins. */
  cron: string
  length: Duration
  timezone?: string
  /** Names of checks; default: all. */
  checks?: string[]
}

export interface RetentionConfig {
  /** How long each replay and slot is kept, by whole days; default 30d. Uptime and incidents are kept for good. */
  results?: Duration
  /** How long the reports of runs are kept; default 14d. */
  evidence?: Duration
  /** How much room they may take in each instance's `.reprise/runs`; default 5e9. */
  evidenceBytes?: number
}

/** Such as `500ms`, `30s`, `5m`, `1h` or `30d`. */
export type Duration = `${number}${'ms' | 's' | 'm' | 'h' | 'd'}`

/** Gives the configuration back, typed. It is checked when it is used, with every fault named at once. */
export function defineMonitor(config: MonitorConfig): MonitorConfig {
  return config
}
