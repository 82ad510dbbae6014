/** Routes: which channels get a message, by what it is about. */
import type { AlertedCheck, AlertMessage, Severity } from './messages.ts'

/** In order: the first that matches decides, unless it continues. */
export interface Route {
  match: RouteMatch
  channels: readonly string[]
  /** Later routes, and at last the channels of the check, are added. */
  continue?: boolean
}

/** `heartbeat`: the `down` of a job that reports to the monitor itself; it also matches `down`. */
export type RouteKind = AlertMessage['kind'] | 'heartbeat'

/** Each part that is present has to match; one that is absent matches everything. */
export interface RouteMatch {
  kinds?: readonly RouteKind[]
  /** Names of checks. */
  checks?: readonly string[]
  /** With `@`; the check has one of them. */
  tags?: readonly string[]
  environments?: readonly string[]
  severity?: readonly Severity[]
}

/** What a message is about, as far as routes ask. */
export interface RoutedMatter {
  kind: AlertMessage['kind']
  severity: Severity
  check?: string | undefined
  tags?: readonly string[] | undefined
  source?: AlertedCheck['source'] | undefined
  environment?: string | undefined
}

/** Returns the channels by the routes; undefined if none matches. `others`: the channels of the check are added. */
export function routed(
  routes: readonly Route[],
  matter: RoutedMatter,
): { channels: string[]; others: boolean } | undefined {
  const channels = new Set<string>()
  let isMatched = false
  for (const route of routes) {
    if (!matches(route.match, matter)) continue
    isMatched = true
    for (const channel of route.channels) channels.add(channel)
    if (!route.continue) return { channels: [...channels], others: false }
  }
  return isMatched ? { channels: [...channels], others: true } : undefined
}

/** A message without a check has neither its name nor its tags. */
export function matches(match: RouteMatch, matter: RoutedMatter): boolean {
  const { kind, severity, check, tags = [], environment, source } = matter
  const isOneOf = (wanted: readonly string[] | undefined, ...values: readonly (string | undefined)[]) =>
    wanted === undefined || values.some(value => value !== undefined && wanted.includes(value))
  return (
    isOneOf(match.kinds, kind, kind === 'down' ? source : undefined) &&
    isOneOf(match.checks, check) &&
    isOneOf(match.tags, ...tags) &&
    isOneOf(match.environments, environment) &&
    isOneOf(match.severity, severity)
  )
}
