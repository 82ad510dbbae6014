/** Collects the secrets that a configuration declares. */
import { secretNames, shortest } from '../environment/secrets/secret.ts'

/**
 * Those that `secret()` and `target.secrets` name in `use`, and those of the reporter's option; `unusable`: names in the
 * option whose values are not set or too short to be redacted.
 */
export function declaredSecrets(
  uses: readonly unknown[],
  option: readonly string[],
  env: NodeJS.ProcessEnv,
): { values: Map<string, string>; unusable: string[] } {
  const names = [...secretNames(uses), ...uses.flatMap(namesInTarget), ...option]
  const valueIn = (name: string) => env[name] ?? ''
  const isUsable = (name: string) => valueIn(name).length >= shortest
  return {
    values: new Map(names.filter(isUsable).map(name => [name, valueIn(name)])),
    unusable: option.filter(name => !isUsable(name)),
  }
}

function namesInTarget(use: unknown): string[] {
  const names: unknown = Object(Object(use).target).secrets
  return Array.isArray(names) ? names.filter(name => typeof name === 'string') : []
}
