/** Formats the terminal output of a monitor. */
import type { Configuration } from '../monitor/config/configuration.ts'
import { channelSecretFaults, evidenceSecretFaults } from '../monitor/config/secret-faults.ts'
import type { CheckState } from '../monitor/store/checks.ts'
import { utcText } from '../monitor/utc-text.ts'
import type { Paint } from './colours.ts'

/** One line per check: its schedule and its environment. */
export function checksText({ checks, environments }: Configuration, env: NodeJS.ProcessEnv, location: string): string {
  const width = Math.max(0, ...checks.map(({ name }) => name.length))
  const lines = checks.map(({ name, cron, environment, locations }) => {
    const baseURL = env.REPRISE_TARGET || environments[environment]?.baseURL
    const where = locations.includes(location) ? '' : `, not from here (${location}) but from ${locations.join(', ')}`
    return `  ${name.padEnd(width)}  ${cron ?? 'manual'}  ${environment} ${baseURL}${where}`
  })
  return lines.length === 0 ? '  There are no checks.' : lines.join('\n')
}

/** What the configuration contains but cannot take effect, one line each. */
export function unmetLines({ heartbeats, channels, evidence }: Configuration, env: NodeJS.ProcessEnv): string[] {
  const unwatched = heartbeats.flatMap(({ name, token }) => (token === undefined ? [name] : []))
  return [
    ...channelSecretFaults(channels, env).map(({ path, remedy }) => `Needed for alerts, ${path}: ${remedy}.`),
    ...evidenceSecretFaults(evidence.store, env).map(({ path, remedy }) => `Needed for evidence, ${path}: ${remedy}.`),
    ...(unwatched.length === 0 ? [] : [`Heartbeats without a token are not watched: ${unwatched.join(', ')}.`]),
  ]
}

export const stateColours = { up: 'green', degraded: 'yellow', down: 'red', unknown: 'yellow' } as const

/** The state of a check, since when, and on a second line the reason. */
export function turnText({ name, state, lastReplay, since }: CheckState, paint: Paint, reason?: string): string {
  const begun = since ?? new Date(lastReplay?.due ?? 0)
  const because = reason === undefined ? '' : `\n    ${reason.split('\n')[0]}`
  return `${utcText(new Date())}  ${name} is ${paint(stateColours[state], state)}, since ${utcText(begun)}${because}`
}
