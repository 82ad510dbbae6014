/** Finds checks of which more locations must agree than they have. */
import { type Fault, shown } from './fault.ts'

/** The configuration may have other faults as well: whatever has no right shape is passed over. */
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
