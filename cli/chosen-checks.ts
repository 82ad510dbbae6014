/** Selects the checks that a command is about, and the environment that they share. */

import type { Environment } from '../environment/environment.ts'
import type { Check, Configuration } from '../monitor/config/configuration.ts'
import { ConfigurationError } from '../monitor/config/fault.ts'
import { suggestion } from '../monitor/config/nearest.ts'
import { secretFaults } from '../monitor/config/secret-faults.ts'
import { targetFaults } from '../monitor/config/target-faults.ts'

export interface Chosen {
  checks: Check[]
  /** The name of the environment. */
  name: string
  /** With REPRISE_TARGET in place of its base URL, if that is set. */
  environment: Environment
}

/**
 * The checks of these names, or all, in an environment. Throws for unknown names, for checks of several environments, and a
 * `ConfigurationError` for secrets that are not set.
 */
export function chooseChecks(
  { file, checks, environments }: Configuration,
  names: readonly string[],
  environmentName: string | undefined,
  env: NodeJS.ProcessEnv,
): Chosen {
  const known = checks.map(({ name }) => name)
  for (const name of names) {
    if (!known.includes(name)) throw new Error(`There is no check "${name}"; ${suggestion(name, known)}`)
  }
  const chosen = checks.filter(({ name }) => names.length === 0 || names.includes(name))
  const name = environmentName ?? commonEnvironment(chosen) ?? Object.keys(environments)[0] ?? ''
  const environment = environments[name]
  if (!environment) {
    throw new Error(`--env is "${name}": there is no such environment; ${suggestion(name, Object.keys(environments))}`)
  }
  const faults = [...secretFaults(name, environment, env), ...targetFaults(env)]
  if (faults.length > 0) throw new ConfigurationError(file, faults)
  return {
    checks: chosen,
    name,
    environment: { ...environment, ...(env.REPRISE_TARGET && { baseURL: env.REPRISE_TARGET }) },
  }
}

function commonEnvironment(checks: readonly Check[]): string | undefined {
  const names = [...new Set(checks.map(({ environment }) => environment))]
  if (names.length > 1) {
    const list = names.map(name => {
      return `${name} (${checks
        .filter(({ environment }) => environment === name)
        .map(check => check.name)
        .join(', ')})`
    })
    throw new Error(
      `The checks belong to several environments: ${list.join('; ')}. Name checks of one, or choose it with --env NAME.`,
    )
  }
  return names[0]
}
