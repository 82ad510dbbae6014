/** Finds routes, quiet hours and escalations that name channels, checks, environments or tags that do not exist. */
import { type Fault, shown } from './fault.ts'
import { suggestion } from './nearest.ts'

/** Skips values of the wrong type; other functions report those. */
export function routeFaults(config: unknown): Fault[] {
  const namesOf = (...keys: string[]) => keys.flatMap(key => Object.keys(Object(get(config, key))))
  const tagged = [get(config, 'checks'), get(config, 'heartbeats')].flatMap(all => Object.values(Object(all)))
  const known = {
    channels: namesOf('channels'),
    // A heartbeat is a check like the others.
    checks: namesOf('checks', 'heartbeats'),
    environments: namesOf('environments'),
    tags: [...new Set(tagged.flatMap(check => [get(check, 'tag') ?? [], get(check, 'tags') ?? []].flat()))].map(String),
  }
  const what = {
    channels: 'there is no such channel',
    checks: 'there is no such check',
    environments: 'there is no such environment',
    tags: 'no check has this tag',
  }
  const refer = (path: string, key: keyof typeof known, values: unknown): Fault[] =>
    (Array.isArray(values) ? values : []).flatMap((value, index) => {
      if (typeof value !== 'string' || known[key].includes(value)) return []
      const remedy = `${what[key]}; ${suggestion(value, known[key])}`
      return [{ path: `${path}.${key}[${index}]`, value: shown(value, []), remedy }]
    })
  return ['routes', 'quietHours', 'escalation'].flatMap(setting => {
    const entries = get(config, setting)
    return (Array.isArray(entries) ? entries : []).flatMap((entry, index) => {
      const [path, match] = [`${setting}[${index}]`, get(entry, 'match')]
      return [
        ...refer(path, 'channels', get(entry, 'channels')),
        ...(['checks', 'environments', 'tags'] as const).flatMap(key => refer(`${path}.match`, key, get(match, key))),
      ]
    })
  })
}

const get = (value: unknown, key: string): unknown =>
  Object.hasOwn(Object(value), key) ? Reflect.get(Object(value), key) : undefined
