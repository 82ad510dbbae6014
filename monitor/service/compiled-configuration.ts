/** Compiles a configuration to what the store, the schedule and the judgement need. */
import type { Environment } from '../../environment/environment.ts'
import type { Check, Configuration, Heartbeat } from '../config/configuration.ts'
import { ConfigurationError } from '../config/fault.ts'
import { heartbeatTokenFaults, secretFaults, watchdogSecretFaults } from '../config/secret-faults.ts'
import { targetFaults } from '../config/target-faults.ts'
import { type MaintenanceSpan, maintenance } from '../schedule/maintenance.ts'
import { type Timetable, timetable } from '../schedule/timetable.ts'
import type { CheckRules, IsInMaintenance } from '../store/check-rules.ts'
import { defaultPolicy } from '../verdict/policy.ts'
import { type CompiledHeartbeats, compileHeartbeats, heartbeatRules } from './compiled-heartbeats.ts'

export interface CompiledConfiguration {
  readonly configuration: Configuration
  readonly rules: readonly CheckRules[]
  readonly timetable: Timetable
  /** Those with a token. */
  readonly heartbeats: CompiledHeartbeats
  readonly isInMaintenance: IsInMaintenance
  /** Returns the occurrences of maintenance windows that are open between two times. */
  maintenanceSpans(after: Date, until: Date): MaintenanceSpan[]
  /** Returns an environment, with REPRISE_TARGET as its base URL if that is set. Undefined if it is not configured. */
  environment(name: string): Environment | undefined
  close(): void
}

/** Throws a `ConfigurationError` for secrets that are not set, and for an invalid REPRISE_TARGET. */
export function compileConfiguration(
  configuration: Configuration,
  env: NodeJS.ProcessEnv,
  isMuted = false,
): CompiledConfiguration {
  const { checks, environments } = configuration
  const inUse = Object.entries(environments).filter(([name]) => checks.some(({ environment }) => environment === name))
  const secrets = inUse.flatMap(([name, environment]) => secretFaults(name, environment, env))
  const { heartbeats, watchdog } = configuration
  const faults = [
    ...secrets,
    ...heartbeatTokenFaults(heartbeats, env),
    ...watchdogSecretFaults(watchdog, env),
    ...targetFaults(env),
  ]
  if (faults.length > 0) throw new ConfigurationError(configuration.file, faults)
  const times = timetable(
    checks.flatMap(({ name, cron, timezone, makeUpMissed }) => (cron ? [{ name, cron, timezone, makeUpMissed }] : [])),
  )
  const windows = maintenance(configuration.maintenance)
  const watched = compileHeartbeats(configuration, env)
  return {
    configuration,
    rules: rulesOf(checks, heartbeats),
    timetable: times,
    heartbeats: watched,
    isInMaintenance: Object.assign((check: string, at: Date) => windows.includes(check, at), { isMuted }),
    maintenanceSpans: windows.spans,
    environment: name => {
      const environment = Object.hasOwn(environments, name) ? environments[name] : undefined
      return environment && { ...environment, ...(env.REPRISE_TARGET && { baseURL: env.REPRISE_TARGET }) }
    },
    close: () => {
      times.close()
      windows.close()
      watched.close()
    },
  }
}

/** Also of the heartbeats that have a token. */
export function rulesOf(checks: readonly Check[], heartbeats: readonly Heartbeat[] = []): CheckRules[] {
  const watched = heartbeats.filter(({ token }) => token !== undefined)
  const known = [...checks, ...watched]
  return [
    ...checks.map(check => ruleOf(check, known)),
    ...watched.map(heartbeat => heartbeatRules(heartbeat, dependenciesOf(heartbeat, known))),
  ]
}

type Dependent = Pick<Check, 'name' | 'dependsOn'>

function ruleOf(check: Check, known: readonly Dependent[]): CheckRules {
  const { name, environment, locations, agree, confirm, channels, severity, tags, runbook, cron, timezone } = check
  const { everyMs, ...confirmed } = confirm
  return {
    name,
    environment,
    locations,
    policy: { ...defaultPolicy, confirm: confirmed, locations: { count: locations.length, agree } },
    confirmEveryMs: everyMs,
    dependsOn: dependenciesOf(check, known),
    channels,
    severity,
    ...(tags.length > 0 && { tags }),
    ...(runbook !== undefined && { runbook }),
    ...(cron && { schedule: `${cron} ${timezone}` }),
  }
}

/** Direct and indirect dependencies. */
function dependenciesOf(check: Dependent, known: readonly Dependent[]): string[] {
  const found = new Set<string>()
  const waiting = [...check.dependsOn]
  for (let name = waiting.pop(); name !== undefined; name = waiting.pop()) {
    if (found.has(name)) continue
    found.add(name)
    waiting.push(...(known.find(other => other.name === name)?.dependsOn ?? []))
  }
  return [...found].sort()
}
