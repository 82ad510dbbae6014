/** Finds secrets of environments and channels that are not set. */
import type { Environment } from '../../environment/environment.ts'
import { reveal, secretNames, secretValue } from '../../environment/secrets/secret.ts'
import type { Channel } from '../alerts/channels.ts'
import type { Heartbeat, Watchdog } from './configuration.ts'
import type { EvidencePlace } from './evidence-stores.ts'
import { type Fault, pathText, shown } from './fault.ts'

export function secretFaults(name: string, environment: Environment, env: NodeJS.ProcessEnv): Fault[] {
  return faultsWithin(environment, ['environments', name], env)
}

/** As `secretFaults`, for channels. */
export function channelSecretFaults(channels: Readonly<Record<string, Channel>>, env: NodeJS.ProcessEnv): Fault[] {
  return faultsWithin(channels, ['channels'], env)
}

/** As `secretFaults`, for the store of evidence. */
export function evidenceSecretFaults(store: EvidencePlace, env: NodeJS.ProcessEnv): Fault[] {
  return faultsWithin(store, ['evidence', 'store'], env)
}

/** As `secretFaults`, for the tokens of heartbeats, which must not be guessed. */
export function heartbeatTokenFaults(heartbeats: readonly Heartbeat[], env: NodeJS.ProcessEnv): Fault[] {
  return heartbeats.flatMap(({ name, token }) => {
    const path = ['heartbeats', name, 'token']
    const unset = faultsWithin(token, path, env)
    if (unset.length > 0 || token === undefined) return unset
    const { length } = reveal(token, env)
    if (length >= shortestToken) return []
    return [
      {
        path: pathText(path),
        value: shown(token, []),
        remedy: `the token has ${length} characters: set one of at least ${shortestToken}, such as the output of openssl rand -hex 32`,
      },
    ]
  })
}

/** As `secretFaults`, for the watchdog. */
export function watchdogSecretFaults(watchdog: Watchdog | undefined, env: NodeJS.ProcessEnv): Fault[] {
  return faultsWithin(watchdog, ['watchdog'], env)
}

const shortestToken = 16

/** Returns the names of all secrets in the environment's settings, and those of its `secrets`. */
export function secretsOf(environment: Environment): string[] {
  return [...new Set([...secretNames(environment), ...(environment.secrets ?? [])])]
}

function faultsWithin(value: unknown, path: PropertyKey[], env: NodeJS.ProcessEnv): Fault[] {
  return placesOf(value, path).flatMap(({ path, value, secrets }) =>
    secrets.flatMap(secret => {
      const reason = unusable(secret, env)
      return reason === undefined ? [] : [{ path: pathText(path), value: shown(value, []), remedy: reason }]
    }),
  )
}

function placesOf(value: unknown, path: PropertyKey[]): { path: PropertyKey[]; value: unknown; secrets: string[] }[] {
  if (typeof value === 'string') {
    const secrets = path[0] === 'environments' && path[2] === 'secrets' ? [value] : secretNames(value)
    return secrets.length > 0 ? [{ path, value, secrets }] : []
  }
  if (Array.isArray(value)) return value.flatMap((entry, index) => placesOf(entry, [...path, index]))
  if (value === null || typeof value !== 'object') return []
  return Object.entries(value).flatMap(([key, entry]) => placesOf(entry, [...path, key]))
}

function unusable(secret: string, env: NodeJS.ProcessEnv): string | undefined {
  try {
    secretValue(secret, env)
    return undefined
  } catch (error) {
    const { message } = error as Error
    return `${message.charAt(0).toLowerCase()}${message.slice(1).replace(/\.$/, '')}`
  }
}
