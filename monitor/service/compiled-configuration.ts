/** Compiles a configuration to what the store, the schedule and the judgement need. */
import type { Environment } from '../../environment/environment.ts'
import type { Check, Configuration } from '../config/configuration.ts'
import { ConfigurationError } from '../config/fault.ts'
import { secretFaults } from '../config/secret-faults.ts'
import { targetFaults } from '../config/target-faults.ts'
import { type MaintenanceSpan, maintenance } from '../schedule/maintenance.ts'
import { type Timetable, timetable } from '../schedule/timetable.ts'
import type { CheckRules, IsInMaintenance } from '../store/check-rules.ts'
import { defaultPolicy } from '../verdict/policy.ts'

export interface CompiledConfiguration {
  readonly configuration: Configuration
  readonly rules: readonly CheckRules[]
  readonly timetable: Timetable
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
  const faults = [...secrets, ...targetFaults(env)]
  if (faults.length > 0) throw new ConfigurationError(configuration.file, faults)
  const times = timetable(
    checks.flatMap(({ name, cron, timezone, makeUpMissed }) => (cron ? [{ name, cron, timezone, makeUpMissed }] : [])),
  )
  const windows = maintenance(configuration.maintenance)
  return {
    configuration,
    rules: rulesOf(checks),
    timetable: times,
    isInMaintenance: Object.assign((check: string, at: Date) => windows.includes(check, at), { isMuted }),
    maintenanceSpans: windows.spans,
    environment: name => {
      const environment = Object.hasOwn(environments, name) ? environments[name] : undefined
      return environment && { ...environment, ...(env.REPRISE_TARGET && { baseURL: env.REPRISE_TARGET }) }
    },
    close: () => {
      times.close()
      windows.close()
    },
  }
}

export function rulesOf(checks: readonly Check[]): CheckRules[] {
  return checks.map(check => ruleOf(check, checks))
}

function ruleOf(check: Check, checks: readonly Check[]): CheckRules {
  const { name, environment, locations, agree, confirm, channels, severity, tags, runbook, cron, timezone } = check
  const { everyMs, ...confirmed } = confirm
  return {
    name,
    environment,
    locations,
    policy: { ...defaultPolicy, confirm: confirmed, locations: { count: locations.length, agree } },
    confirmEveryMs: everyMs,
    dependsOn: dependenciesOf(check, checks),
    channels,
    severity,
    ...(tags.length > 0 && { tags }),
    ...(runbook !== undefined && { runbook }),
    ...(cron && { schedule: `${cron} ${timezone}` }),
  }
}

/** Direct and indirect dependencies. */
function dependenciesOf(check: Check, checks: readonly Check[]): string[] {
  const found = new Set<string>()
  const waiting = [...check.dependsOn]
  for (let name = waiting.pop(); name !== undefined; name = waiting.pop()) {
    if (found.has(name)) continue
    found.add(name)
    waiting.push(...(checks.find(other => other.name === name)?.dependsOn ?? []))
  }
  return [...found].sort()
}
