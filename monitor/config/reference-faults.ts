/** Finds references to environments, channels, checks and heartbeats that do not exist, and names that two of them have. */
import { type Fault, shown } from './fault.ts'
import { suggestion } from './nearest.ts'

/** Skips values of the wrong type; other functions report those. */
export function referenceFaults(config: unknown): Fault[] {
  const [environments, checks] = [entriesOf(config, 'environments'), entriesOf(config, 'checks')]
  const heartbeats = entriesOf(config, 'heartbeats')
  const names = {
    environment: environments.map(([name]) => name),
    check: [...checks, ...heartbeats].map(([name]) => name),
    channel: entriesOf(config, 'channels').map(([name]) => name),
  }
  const refer = (path: string, kind: keyof typeof names, value: unknown): Fault[] => {
    if (typeof value !== 'string' || names[kind].includes(value)) return []
    return [{ path, value: shown(value, []), remedy: `there is no such ${kind}; ${suggestion(value, names[kind])}` }]
  }
  const referAll = (path: string, kind: keyof typeof names, values: unknown): Fault[] =>
    Array.isArray(values) ? values.flatMap((value, index) => refer(`${path}[${index}]`, kind, value)) : []

  const defaults = get(config, 'defaults')
  const needsName = names.environment.length > 1 && get(defaults, 'environment') === undefined
  return [
    ...refer('defaults.environment', 'environment', get(defaults, 'environment')),
    ...referAll('defaults.channels', 'channel', get(defaults, 'channels')),
    ...checks.flatMap(([name, check]) => [
      ...refer(`checks.${name}.environment`, 'environment', get(check, 'environment')),
      ...(needsName && get(check, 'environment') === undefined
        ? [
            {
              path: `checks.${name}.environment`,
              remedy: `name one here or in defaults; ${suggestion('', names.environment)}`,
            },
          ]
        : []),
      ...referAll(`checks.${name}.channels`, 'channel', get(check, 'channels')),
      ...referAll(`checks.${name}.dependsOn`, 'check', get(check, 'dependsOn')),
      ...circleAt(`checks.${name}`, name, config),
    ]),
    ...heartbeats.flatMap(([name, heartbeat]) => [
      ...(checks.some(([check]) => check === name)
        ? [
            {
              path: `heartbeats.${name}`,
              value: shown(name, []),
              remedy: 'choose another name, since a check has this one',
            },
          ]
        : []),
      ...(needsName && get(heartbeat, 'environment') === undefined
        ? [{ path: `heartbeats.${name}.environment`, remedy: 'name one here or in defaults' }]
        : []),
      ...referAll(`heartbeats.${name}.channels`, 'channel', get(heartbeat, 'channels')),
      ...referAll(`heartbeats.${name}.dependsOn`, 'check', get(heartbeat, 'dependsOn')),
      ...circleAt(`heartbeats.${name}`, name, config),
    ]),
    ...entriesOf(config, 'maintenance').flatMap(([index, window]) =>
      referAll(`maintenance[${index}].checks`, 'check', get(window, 'checks')),
    ),
    ...referAll('digest.channels', 'channel', get(get(config, 'digest'), 'channels')),
    ...referAll('statusPage.public', 'check', get(get(config, 'statusPage'), 'public')),
  ]
}

function circleAt(place: string, name: string, config: unknown): Fault[] {
  const dependencies = (check: string): unknown[] =>
    ['checks', 'heartbeats'].flatMap(kind => [get(get(get(config, kind), check), 'dependsOn') ?? []].flat())
  const waiting = dependencies(name)
  const seen = new Set<unknown>()
  for (let next = waiting.pop(); next !== undefined; next = waiting.pop()) {
    if (next === name) {
      const value = shown(dependencies(name), [])
      return [{ path: `${place}.dependsOn`, value, remedy: 'leave out what leads back to the check itself' }]
    }
    if (!seen.has(next)) waiting.push(...dependencies(String(next)))
    seen.add(next)
  }
  return []
}

function get(value: unknown, key: string): unknown {
  return Object.hasOwn(Object(value), key) ? Reflect.get(Object(value), key) : undefined
}

function entriesOf(config: unknown, key: string): [string, unknown][] {
  const value = get(config, key)
  return typeof value === 'object' && value !== null ? Object.entries(value) : []
}
