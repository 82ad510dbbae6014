/**
 * Recognizes the hosts by which this page is requested. A page of another site that has changed the address of its own
 * name to this one (DNS rebinding) requests it by that name.
 */
import { isIP } from 'node:net'

interface OwnHosts {
  /** REPRISE_URL. */
  publicUrl: string | undefined
  /** REPRISE_ALLOWED_HOSTS, in lower case. */
  allowed: readonly string[]
}

/** @param host The header `Host`; browsers always send it. */
export function isOwnHost(host: string | undefined, { publicUrl, allowed }: OwnHosts): boolean {
  if (host === undefined) return true
  const name = nameIn(host)
  if (name === undefined) return false
  return (
    isAddress(name) ||
    isLocalName(name) ||
    allowed.includes(name) ||
    (publicUrl !== undefined && name === new URL(publicUrl).hostname)
  )
}

/** Whether the header `Host` names this machine. */
export function isLoopbackHost(host: string | undefined): boolean {
  const name = nameIn(host ?? '')
  return name !== undefined && isLoopback(name)
}

/** @param name Of a host, or an address, also in brackets. */
export function isLoopback(name: string): boolean {
  return isLocalName(name) || /^127(\.\d{1,3}){3}$/.test(name) || name === '::1' || name === '[::1]'
}

const isLocalName = (name: string) => name === 'localhost' || name.endsWith('.localhost')

const isAddress = (name: string) => isIP(name.replace(/^\[(.*)\]$/, '$1')) !== 0

/** Without the port, and in lower case; undefined for what is no host. */
const nameIn = (host: string) => /^(\[[\da-f:.]+\]|[^:[\]/@\s]+?)\.?(?::\d+)?$/.exec(host.toLowerCase())?.[1]
