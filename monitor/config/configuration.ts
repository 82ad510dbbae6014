/** A configuration that has been checked, with its defaults filled in. */
import type { Environment } from '../../environment/environment.ts'
import type { Channel } from './channels.ts'
import { parseDuration } from './duration.ts'
import type { CheckConfig, CheckDefaults, ConfirmConfig, MonitorConfig } from './monitor-config.ts'

/** Where an instance stands, and a check is replayed, that says nothing. */
export const defaultLocation = 'local'

export interface Configuration {
  /** The file's absolute path. Its folder is what the specs' paths are relative to. */
  file: string
  environments: Readonly<Record<string, Environment>>
  /** In the order of the file. */
  checks: readonly Check[]
  /** Who can be told, by name. */
  channels: Readonly<Record<string, Channel>>
  maintenance: readonly ConfiguredMaintenance[]
  /** Names. */
  heartbeats: readonly string[]
  retention: { resultsMs: number; evidenceMs: number; evidenceBytes: number }
}

/** A window in which nobody is told. */
interface ConfiguredMaintenance {
  cron: string
  timezone: string
  lengthMs: number
  /** Absent: all checks. */
  checks?: readonly string[]
}

export interface Check {
  name: string
  /** The name of its environment. */
  environment: string
  /** Files and globs; empty: all that Playwright's config knows. */
  specs: readonly string[]
  /** A test must have all of them. */
  tags: readonly string[]
  title?: string | RegExp
  /** Names of projects in Playwright's config; empty: any. */
  projects: readonly string[]
  timeoutMs: number
  retries: number
  slowAboveMs?: number
  evidence: 'expect' | 'requests'
  /** Absent: it is due only by hand. */
  cron?: string
  timezone: string
  /** With `of`: `down` failures of so many replays, instead of in a row. */
  confirm: { down: number; of?: number; up: number; everyMs: number }
  /** Names. */
  channels: readonly string[]
  /** Names of checks. */
  dependsOn: readonly string[]
  locations: readonly string[]
  /** How many of them. */
  agree: number
  makeUpMissed: boolean
}

export function configurationOf(file: string, config: MonitorConfig): Configuration {
  const { environments, defaults = {}, channels = {}, maintenance = [], retention = {} } = config
  const [only = ''] = Object.keys(environments)
  return {
    file,
    environments,
    checks: Object.entries(config.checks).map(([name, check]) => checkOf(name, check, defaults, only)),
    channels,
    maintenance: maintenance.map(({ cron, length, timezone = defaults.timezone ?? 'UTC', checks }) => {
      return { cron, timezone, lengthMs: milliseconds(length), ...(checks && { checks }) }
    }),
    heartbeats: Object.keys(config.heartbeats ?? {}),
    retention: {
      resultsMs: milliseconds(retention.results ?? '30d'),
      evidenceMs: milliseconds(retention.evidence ?? '14d'),
      evidenceBytes: retention.evidenceBytes ?? 5e9,
    },
  }
}

function checkOf(name: string, check: CheckConfig, defaults: CheckDefaults, onlyEnvironment: string): Check {
  const { title, cron } = check
  const slowAbove = check.slowAbove ?? defaults.slowAbove
  const locations = check.locations ?? defaults.locations ?? [defaultLocation]
  const { down = 2, up = 1, every = '20s' } = { ...defaults.confirm, ...check.confirm }
  return {
    name,
    environment: check.environment ?? defaults.environment ?? onlyEnvironment,
    specs: listOf(check.specs),
    tags: listOf(check.tag),
    ...(title !== undefined && { title }),
    projects: listOf(check.project),
    timeoutMs: milliseconds(check.timeout ?? defaults.timeout ?? '30s'),
    retries: check.retries ?? defaults.retries ?? 1,
    ...(slowAbove !== undefined && { slowAboveMs: milliseconds(slowAbove) }),
    evidence: check.evidence ?? defaults.evidence ?? 'expect',
    ...(cron !== undefined && { cron }),
    timezone: check.timezone ?? defaults.timezone ?? 'UTC',
    confirm: { ...shareOf(down), up, everyMs: milliseconds(every) },
    channels: check.channels ?? defaults.channels ?? [],
    dependsOn: check.dependsOn ?? [],
    locations,
    agree: check.agree ?? defaults.agree ?? Math.floor(locations.length / 2) + 1,
    makeUpMissed: check.makeUpMissed ?? defaults.makeUpMissed ?? false,
  }
}

function shareOf(down: NonNullable<ConfirmConfig['down']>): { down: number; of?: number } {
  return typeof down === 'number' ? { down } : { down: down.failures, of: down.of }
}

function milliseconds(duration: string): number {
  const parsed = parseDuration(duration)
  if (parsed === undefined) throw new Error(`${JSON.stringify(duration)} is no duration, although it was checked.`)
  return parsed
}

function listOf(value: string | string[] | undefined): string[] {
  return value === undefined ? [] : [value].flat()
}
