/** Redacts whatever gives access to a channel: receivers often repeat the request's path in their responses. */
import { Redactor } from '../../environment/secrets/redaction/redactor.ts'
import { secretNames } from '../../environment/secrets/secret.ts'
import { type Channel, kindOf } from './channels.ts'

/** Shorter values are no secrets, and occur in many texts. */
const shortest = 8

/**
 * @param revealed The channel with the values of its secrets, which are in `env`.
 * @param more Names of secrets besides those of its settings.
 */
export function channelRedactor(
  channel: Channel,
  revealed: Channel,
  env: NodeJS.ProcessEnv,
  more: readonly string[] = [],
): Redactor {
  const secrets = [...secretNames(channel), ...more].map((name): [string, string] => [name, env[name] ?? ''])
  const settings = kindOf(revealed).credentials(revealed)
  return new Redactor(new Map([...secrets, ...settings.filter(([, value]) => value.length >= shortest)]))
}
