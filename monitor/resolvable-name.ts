/** Waits until the name of a host can be resolved without keeping other names waiting. */
import { CANCELLED, Resolver, lookup as systemLookup, TIMEOUT } from 'node:dns/promises'
import { readFile } from 'node:fs/promises'
import { isIP } from 'node:net'

export interface NameLookup {
  /** Rejects when no DNS server answers for the name, and the system does not know it either; or with the signal's reason. */
  resolvable(host: string, signal: AbortSignal): Promise<void>
}

export interface NameLookupOptions {
  /** Default: those of the system. */
  servers?: readonly string[]
  /** How long each of two attempts waits for a server. */
  timeoutMs?: number
  /** Asks the system, in one of Node's threads. */
  lookup?(host: string): Promise<unknown>
}

/**
 * Node resolves names in threads, two at a time. A name whose DNS servers do not answer holds its thread for ten seconds or more,
 * also when the attempt has been given up: two of them would keep alerts from all other receivers. So the servers are asked without
 * a thread first. A name for which none answers is left to the system, which may know it from elsewhere, one at a time.
 */
export function createNameLookup(options: NameLookupOptions = {}): NameLookup {
  const { servers, timeoutMs = 1500, lookup = host => systemLookup(host) } = options
  const underWay = new Map<string, Promise<unknown>>()
  let last: Promise<unknown> = Promise.resolve()
  /** Names that only the system has known, such as by a server of a VPN: it is asked at once, before others that wait. */
  const ofSystem = new Set<string>()
  const isAnswered = async (host: string, signal: AbortSignal): Promise<boolean> => {
    const resolver = new Resolver({ timeout: timeoutMs, tries: 2 })
    if (servers) resolver.setServers(servers)
    const cancel = () => resolver.cancel()
    signal.addEventListener('abort', cancel)
    // With several servers, the attempts would take all the time that the system may need.
    const timer = setTimeout(cancel, 2 * timeoutMs)
    try {
      // Some servers answer for one family of addresses only.
      await Promise.any([resolver.resolve4(host), resolver.resolve6(host)])
      return true
    } catch (error) {
      // That there is no such name is an answer; the system gives it soon as well, or knows the name by another suffix.
      return (error as AggregateError).errors.every(({ code }) => code !== TIMEOUT && code !== CANCELLED)
    } finally {
      clearTimeout(timer)
      signal.removeEventListener('abort', cancel)
      cancel()
    }
  }
  const bySystem = (host: string): Promise<unknown> => {
    const known = underWay.get(host)
    if (known) return known
    const waits = !ofSystem.delete(host)
    const found = (waits ? last : Promise.resolve())
      .then(() => lookup(host))
      // Also if who waited for it has given up: the next attempt must not wait behind others again.
      .then(() => ofSystem.add(host))
      .finally(() => underWay.delete(host))
    underWay.set(host, found)
    const ended = found.catch(() => undefined)
    if (waits) last = ended
    return found
  }
  return {
    async resolvable(hostname, signal) {
      const host = hostname.replace(/^\[|\]$/g, '')
      signal.throwIfAborted()
      if (isIP(host) || (await isLocal(host))) return
      const isLeftToSystem = ofSystem.has(host) || underWay.has(host)
      const isKnown = !isLeftToSystem && (await isAnswered(host, signal))
      signal.throwIfAborted()
      if (!isKnown) await withSignal(bySystem(host), signal)
    },
  }
}

/** Of this process. */
export const { resolvable } = createNameLookup()

/** As `resolvable`, before a `fetch`: where Node sends it to a proxy, that resolves the name. */
export async function resolvableForFetch(host: string, signal: AbortSignal): Promise<void> {
  if (!usesProxy(process.env)) await resolvable(host, signal)
}

function usesProxy({ NODE_USE_ENV_PROXY, NODE_OPTIONS = '' }: NodeJS.ProcessEnv): boolean {
  return (
    NODE_USE_ENV_PROXY === '1' || [...process.execArgv, NODE_OPTIONS].some(text => text.includes('--use-env-proxy'))
  )
}

/** The system has its address in a file. */
async function isLocal(host: string): Promise<boolean> {
  if (host === 'localhost') return true
  const text = await readFile('/etc/hosts', 'utf8').catch(() => '')
  const names = text.split('\n').flatMap(line => line.replace(/#.*/, '').trim().split(/\s+/).slice(1))
  return names.some(name => name.toLowerCase() === host.toLowerCase())
}

async function withSignal<T>(work: Promise<T>, signal: AbortSignal): Promise<T> {
  let abort: (() => void) | undefined
  const aborted = new Promise<never>((_, reject) => {
    abort = () => reject(signal.reason)
    signal.addEventListener('abort', abort)
  })
  try {
    return await Promise.race([work, aborted])
  } finally {
    if (abort) signal.removeEventListener('abort', abort)
  }
}
