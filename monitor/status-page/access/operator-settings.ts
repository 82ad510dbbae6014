/** Reads from the environment how operators are recognized. */
import { BlockList, isIP, isIPv4 } from 'node:net'

export interface OperatorSettings {
  /** Lets its holder act; undefined: no one can sign in. */
  token: string | undefined
  /** In lower case: the header in which a trusted proxy names the operator; undefined: none. */
  identityHeader: string | undefined
  /** Whether headers of a peer with this address may be believed. */
  isTrustedProxy(address: string | undefined): boolean
}

export const noOperators: OperatorSettings = {
  token: undefined,
  identityHeader: undefined,
  isTrustedProxy: () => false,
}

const leastLength = 16

/**
 * Reads REPRISE_OPERATOR_TOKEN, REPRISE_IDENTITY_HEADER and REPRISE_TRUSTED_PROXIES. Throws one error with all faults,
 * without the token.
 */
export function readOperatorSettings(env: NodeJS.ProcessEnv): OperatorSettings {
  const token = env.REPRISE_OPERATOR_TOKEN || undefined
  const header = env.REPRISE_IDENTITY_HEADER?.toLowerCase() || undefined
  const proxies = (env.REPRISE_TRUSTED_PROXIES ?? '').split(/[\s,]+/).filter(entry => entry !== '')
  const faults = [
    ...(token !== undefined && token.length < leastLength
      ? [
          `REPRISE_OPERATOR_TOKEN has ${token.length} characters: write at least ${leastLength}, such as the output of openssl rand -hex 32.`,
        ]
      : []),
    ...(token !== undefined && /[^\x21-\x7e]/.test(token)
      ? ['REPRISE_OPERATOR_TOKEN has a space or a character outside of ASCII, which headers cannot carry.']
      : []),
    ...(header !== undefined && !/^[a-z0-9-]+$/.test(header)
      ? [`REPRISE_IDENTITY_HEADER is ${JSON.stringify(header)}: write the name of a header, such as x-forwarded-user.`]
      : []),
    ...(header !== undefined && proxies.length === 0
      ? [
          'REPRISE_IDENTITY_HEADER needs REPRISE_TRUSTED_PROXIES: the addresses of the proxies that set it, such as 127.0.0.1, ::1.',
        ]
      : []),
    ...proxies.flatMap(entry =>
      networkOf(entry)
        ? []
        : [
            `REPRISE_TRUSTED_PROXIES has ${JSON.stringify(entry)}: write addresses or networks such as 10.0.0.7 or 10.1.0.0/16, not the whole internet.`,
          ],
    ),
  ]
  if (faults.length > 0) throw new Error(faults.join('\n'))
  return { token, identityHeader: header, isTrustedProxy: trustOf(proxies) }
}

function trustOf(proxies: readonly string[]): OperatorSettings['isTrustedProxy'] {
  const trusted = new BlockList()
  for (const entry of proxies) {
    const network = networkOf(entry)
    if (network) trusted.addSubnet(network.address, network.prefix, network.family)
  }
  return address => {
    const plain = withoutMapping(address ?? '')
    return isIP(plain) !== 0 && trusted.check(plain, familyOf(plain))
  }
}

function networkOf(entry: string): { address: string; prefix: number; family: 'ipv4' | 'ipv6' } | undefined {
  const [, address = '', length] = /^([^/]+)(?:\/(\d{1,3}))?$/.exec(entry) ?? []
  if (isIP(address) === 0) return undefined
  const most = isIPv4(address) ? 32 : 128
  const prefix = length === undefined ? most : Number(length)
  return prefix >= 1 && prefix <= most ? { address, prefix, family: familyOf(address) } : undefined
}

const familyOf = (address: string) => (isIPv4(address) ? 'ipv4' : 'ipv6')

/** A listener on `::` shows the address of an IPv4 peer as `::ffff:192.0.2.1`. */
export const withoutMapping = (address: string) => address.replace(/^::ffff:(?=\d+\.)/i, '')
