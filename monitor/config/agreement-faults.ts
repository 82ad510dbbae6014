/** Finds checks whose `agree` is greater than the number of their locations. */
import { type Fault, shown } from './fault.ts'

/** Skips values of the wrong type; other functions report those. */
export function agreementFaults(config: unknown): Fault[] {
  const defaults = get(config, 'defaults')
  return Object.entries(Object(get(config, 'checks'))).flatMap(([name, check]) => {
    const agree = get(check, 'agree') ?? get(defaults, 'agree')
    const locations = get(check, 'locations') ?? get(defaults, 'locations') ?? ['local']
    if (typeof agree !== 'number' || !Array.isArray(locations) || agree <= locations.length) return []
    const count = locations.length === 1 ? 'it has 1 location' : `it has ${locations.length} locations`
    const path = `checks.${name}.agree`
    return [{ path, value: shown(agree, []), remedy: `${count}, so write a number up to ${locations.length}` }]
  })
}

const get = (value: unknown, key: string): unknown => Object(value)[key]
