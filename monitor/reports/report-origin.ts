/** ReportOrigin: at which URLs reports are reached, each at one of its own where that is possible. */
import type { ReportSettings } from './report-settings.ts'

export interface ReportOrigin {
  /** Without a path. */
  url(label: string): string
  /** Each report has an origin of its own, so that browsers keep them apart. */
  readonly isOwn: boolean
  /** Browsers run service workers there, which the trace viewer needs. */
  readonly isSecure: boolean
  /** Only browsers on this machine reach it. */
  readonly isLocal: boolean
}

/** Undefined: the address at which other machines reach the listener is not known. */
export function reportOrigin({ host, publicUrl }: ReportSettings, port: number): ReportOrigin | undefined {
  // Browsers resolve all names below localhost to this machine.
  const pattern = publicUrl ?? (isLoopback(host) ? `http://*.localhost:${port}` : undefined)
  if (pattern === undefined) return undefined
  const url = (label: string) => pattern.replace('*', label)
  const { protocol, hostname } = new URL(url('label'))
  const isLocal = isLoopback(hostname)
  return { url, isOwn: pattern.includes('*'), isSecure: protocol === 'https:' || isLocal, isLocal }
}

/** @param host A name or an address, also in brackets. */
export function isLoopback(host: string): boolean {
  return /^(127\.\d+\.\d+\.\d+|\[?::1\]?|localhost|.+\.localhost)$/.test(host)
}
