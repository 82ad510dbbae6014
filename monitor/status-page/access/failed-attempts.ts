/** Limits how often an address may present a wrong token. In the memory of one instance. */
import { isIPv6 } from 'node:net'
import { RateLimiterMemory } from 'rate-limiter-flexible'
import { withoutMapping } from './operator-settings.ts'

export interface FailedAttempts {
  /** In how many seconds the address may try again; 0: now. */
  waitSeconds(address: string | undefined): Promise<number>
  note(address: string | undefined): Promise<void>
}

const most = 10
const spanSeconds = 600

export function failedAttempts(): FailedAttempts {
  const limiter = new RateLimiterMemory({ points: most, duration: spanSeconds })
  return {
    async waitSeconds(address) {
      const known = await limiter.get(networkOf(address))
      return known !== null && known.consumedPoints >= most ? Math.max(1, Math.ceil(known.msBeforeNext / 1000)) : 0
    },
    async note(address) {
      await limiter.penalty(networkOf(address))
    },
  }
}

/** One customer of a provider has 2^64 IPv6 addresses: they count as one. */
function networkOf(address = 'unknown'): string {
  const plain = withoutMapping(address)
  if (!isIPv6(plain)) return plain.slice(0, 64)
  const [before = '', after] = plain.split('::')
  const groups = before === '' ? [] : before.split(':')
  const missing = after === undefined ? 0 : 8 - groups.length - after.split(':').filter(Boolean).length
  const all = [...groups, ...Array<string>(Math.max(0, missing)).fill('0'), ...(after ?? '').split(':')]
  return all
    .slice(0, 4)
    .map(group => Number.parseInt(group || '0', 16).toString(16))
    .join(':')
}
