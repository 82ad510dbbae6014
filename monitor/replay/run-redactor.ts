/** Makes the redactor for the secrets of a configuration. */
import type { Environment } from '../../environment/environment.ts'
import { Redactor } from '../../environment/secrets/redaction/redactor.ts'
import { secretNames } from '../../environment/secrets/secret.ts'
import type { Configuration } from '../config/configuration.ts'
import { secretsOf } from '../config/secret-faults.ts'

/**
 * For the secrets of the environment in use, if there is one, and for all others of the configuration that are set.
 * Throws for one of the environment in use that is not set, or too short.
 */
export function redactorOf(
  { environments, evidence }: Configuration,
  env: NodeJS.ProcessEnv,
  inUse?: Environment,
): Redactor {
  const needed = inUse ? secretsOf(inUse) : []
  const others = [...Object.values(environments).flatMap(secretsOf), ...secretNames(evidence)]
  const known = [...needed, ...others.filter(name => (env[name] ?? '').length >= 4)]
  return Redactor.of([...new Set(known)], env)
}
