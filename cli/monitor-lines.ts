/** What a monitor says in a terminal. */
import type { Configuration } from '../monitor/config/configuration.ts'
import { channelSecretFaults } from '../monitor/config/secret-faults.ts'
import type { CheckState } from '../monitor/store/checks.ts'
import { utcText } from '../monitor/utc-text.ts'
import type { Paint } from './colours.ts'

/** One line a check: when it is due, and where. */
export function checksText({ checks, environments }: Configuration, env: NodeJS.ProcessEnv, location: string): string {
  const width = Math.max(0, ...checks.map(({ name }) => name.length))
  const lines = checks.map(({ name, cron, environment, locations }) => {
    const baseURL = env.REPRISE_TARGET || environments[environment]?.baseURL
    const where = locations.includes(location) ? '' : `, not from here (${location}) but from ${locations.join(', ')}`
    return `  ${name.padEnd(width)}  ${cron ?? 'by hand'}  ${environment} ${baseURL}${where}`
  })
  return lines.length === 0 ? '  There are no checks.' : lines.join('\n')
}

/** What the configuration asks for in vain, one line each. */
export function unmetLines({ heartbeats, channels }: Configuration, env: NodeJS.ProcessEnv): string[] {
  return [
    ...channelSecretFaults(channels, env).map(({ path, remedy }) => `Before an alert, for ${path}: ${remedy}.`),
    ...(heartbeats.length === 0 ? [] : [`Heartbeats are not watched yet: ${heartbeats.join(', ')}.`]),
  ]
}

export const stateColours = { up: 'green', degraded: 'yellow', down: 'red', unknown: 'yellow' } as const

/** The state as it is known now, since when it is so, and beneath it why. */
export function turnText({ name, state, lastReplay, since }: CheckState, paint: Paint, reason?: string): string {
  const begun = since ?? new Date(lastReplay?.due ?? 0)
  const because = reason === undefined ? '' : `\n    ${reason.split('\n')[0]}`
  return `${utcText(new Date())}  ${name} is ${paint(stateColours[state], state)}, since ${utcText(begun)}${because}`
}
