/** Configuration: validated, with defaults filled in. */
import type { Environment } from '../../environment/environment.ts'
import type { Channel } from '../alerts/channels.ts'
import { parseDuration } from '../duration.ts'
import { alertRulesOf, type ConfiguredAlertRules } from './alert-rules.ts'
import type { EvidencePlace } from './evidence-stores.ts'
import type {
  CheckConfig,
  CheckDefaults,
  ConfirmConfig,
  DigestConfig,
  HeartbeatConfig,
  MonitorConfig,
  SloConfig,
  StatusPageConfig,
} from './monitor-config.ts'

/** The location of instances and checks that set none. */
export const defaultLocation = 'local'

export interface Configuration {
  /** Absolute path of the file. Paths of specs are relative to its folder. */
  file: string
  environments: Readonly<Record<string, Environment>>
  /** In the order in which the file lists them. */
  checks: readonly Check[]
  /** By name. */
  channels: Readonly<Record<string, Channel>>
  alertRules: ConfiguredAlertRules
  /** In how many days certificates expire when channels are notified, and from when on that is critical. */
  certificates: { warnDays: readonly number[]; criticalDays: number }
  maintenance: readonly ConfiguredMaintenance[]
  /** In the order in which the file lists them. */
  heartbeats: readonly Heartbeat[]
  watchdog?: Watchdog
  retention: { resultsMs: number; evidenceMs: number; evidenceBytes: number }
  evidence: { store: EvidencePlace }
  /** `public` is absent if it depends on where the page listens. */
  statusPage: Pick<StatusPageConfig, 'public'> & Required<Pick<StatusPageConfig, 'shows'>>
  digest?: Required<DigestConfig>
}

/** A recurring window in which no alerts are sent. */
interface ConfiguredMaintenance {
  cron: string
  timezone: string
  lengthMs: number
  /** Names of checks; absent: all checks. */
  checks?: readonly string[]
}

export interface Check {
  name: string
  /** Name of an environment. */
  environment: string
  /** Files and globs; empty: all specs of Playwright's configuration. */
  specs: readonly string[]
  /** A test must have all of them. */
  tags: readonly string[]
  title?: string | RegExp
  /** Names of Playwright projects; empty: any. */
  projects: readonly string[]
  timeoutMs: number
  retries: number
  slowAboveMs?: number
  evidence: 'expect' | 'requests'
  /** Absent: the check is replayed only on request. */
  cron?: string
  timezone: string
  /** With `of`: `down` failures among the last `of` replays, instead of in a row. */
  confirm: { down: number; of?: number; up: number; everyMs: number }
  /** Names of channels. */
  channels: readonly string[]
  severity: 'critical' | 'warning'
  /** A URL. */
  runbook?: string
  /** Names of checks. */
  dependsOn: readonly string[]
  locations: readonly string[]
  /** How many locations must agree. */
  agree: number
  makeUpMissed: boolean
  /** `target` in percent. */
  slo?: Slo
}

/** With either `cron` or `everyMs`. */
export interface Heartbeat {
  name: string
  environment: string
  cron?: string
  timezone: string
  everyMs?: number
  graceMs: number
  maxRunMs?: number
  /** A placeholder of a secret; absent: it is not watched. */
  token?: string
  /** Names of channels. */
  channels: readonly string[]
  severity: 'critical' | 'warning'
  /** A URL. */
  runbook?: string
  /** Names of checks and heartbeats. */
  dependsOn: readonly string[]
  tags: readonly string[]
  slo?: Slo
}

/** `target` in percent. */
export interface Slo {
  target: number
  windowDays: number
}

/** `url` and `token` may have placeholders of secrets. */
export interface Watchdog {
  url: string
  everyMs: number
  token?: string
}

export function configurationOf(file: string, config: MonitorConfig): Configuration {
  const { environments, defaults = {}, channels = {}, maintenance = [], retention = {}, evidence = {} } = config
  const [only = ''] = Object.keys(environments)
  return {
    file,
    environments,
    checks: Object.entries(config.checks).map(([name, check]) => checkOf(name, check, defaults, only)),
    channels,
    alertRules: alertRulesOf(config),
    certificates: { warnDays: [30, 14, 7, 3, 1], criticalDays: 7, ...config.certificates },
    maintenance: maintenance.map(({ cron, length, timezone = defaults.timezone ?? 'UTC', checks }) => {
      return { cron, timezone, lengthMs: milliseconds(length), ...(checks && { checks }) }
    }),
    heartbeats: Object.entries(config.heartbeats ?? {}).map(([name, heartbeat]) =>
      heartbeatOf(name, heartbeat, defaults, only),
    ),
    ...(config.watchdog && {
      watchdog: { ...config.watchdog, everyMs: milliseconds(config.watchdog.every ?? '1m') },
    }),
    retention: {
      resultsMs: milliseconds(retention.results ?? '30d'),
      evidenceMs: milliseconds(retention.evidence ?? '14d'),
      evidenceBytes: retention.evidenceBytes ?? 5e9,
    },
    evidence: { store: evidence.store ?? 'folder' },
    statusPage: { shows: [], ...config.statusPage },
    ...(config.digest && { digest: { timezone: defaults.timezone ?? 'UTC', ...config.digest } }),
  }
}

function checkOf(name: string, check: CheckConfig, defaults: CheckDefaults, onlyEnvironment: string): Check {
  const { title, cron } = check
  const slo = check.slo ?? defaults.slo
  const runbook = check.runbook ?? defaults.runbook
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
    severity: check.severity ?? defaults.severity ?? 'critical',
    ...(runbook !== undefined && { runbook }),
    dependsOn: check.dependsOn ?? [],
    locations,
    agree: check.agree ?? defaults.agree ?? Math.floor(locations.length / 2) + 1,
    makeUpMissed: check.makeUpMissed ?? defaults.makeUpMissed ?? false,
    ...(slo && { slo: sloOf(slo) }),
  }
}

const sloOf = ({ target, window }: SloConfig): Slo => ({ target, windowDays: milliseconds(window) / 86_400_000 })

function heartbeatOf(
  name: string,
  { cron, every, maxRun, token, tag, slo, ...heartbeat }: HeartbeatConfig,
  defaults: CheckDefaults,
  onlyEnvironment: string,
): Heartbeat {
  const runbook = heartbeat.runbook ?? defaults.runbook
  return {
    name,
    environment: heartbeat.environment ?? defaults.environment ?? onlyEnvironment,
    ...(cron !== undefined && { cron }),
    timezone: heartbeat.timezone ?? defaults.timezone ?? 'UTC',
    ...(every !== undefined && { everyMs: milliseconds(every) }),
    graceMs: milliseconds(heartbeat.grace),
    ...(maxRun !== undefined && { maxRunMs: milliseconds(maxRun) }),
    ...(token !== undefined && { token }),
    channels: heartbeat.channels ?? defaults.channels ?? [],
    severity: heartbeat.severity ?? defaults.severity ?? 'critical',
    ...(runbook !== undefined && { runbook }),
    dependsOn: heartbeat.dependsOn ?? [],
    tags: listOf(tag),
    ...(slo && { slo: sloOf(slo) }),
  }
}

function shareOf(down: NonNullable<ConfirmConfig['down']>): { down: number; of?: number } {
  return typeof down === 'number' ? { down } : { down: down.failures, of: down.of }
}

function milliseconds(duration: string): number {
  const parsed = parseDuration(duration)
  if (parsed === undefined) throw new Error(`${JSON.stringify(duration)} is not a duration, although it was validated.`)
  return parsed
}

function listOf(value: string | string[] | undefined): string[] {
  return value === undefined ? [] : [value].flat()
}
